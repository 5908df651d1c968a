// Where topics and queues are looked for, and which addresses of queues are taken.

import { describe, expect, it } from 'vitest';
import { domainOfAws, noticePlace } from '../../../src/vault/notices/notice-place.js';
import { queueAt } from '../../../src/vault/notices/queue-address.js';

const place = (endpoint: string, region: string, environment: Record<string, string> = {}) =>
  noticePlace('sqs', { region, endpoint }, environment).endpoint;

describe('the place of topics and queues', () => {
  it.each([
    ['https://glacier.eu-west-1.amazonaws.com', 'eu-west-1', 'https://sqs.eu-west-1.amazonaws.com'],
    ['http://glacier.eu-west-1.amazonaws.com', 'eu-west-1', 'https://sqs.eu-west-1.amazonaws.com'],
    ['https://glacier-fips.us-east-1.amazonaws.com', 'us-east-1', 'https://sqs.us-east-1.amazonaws.com'],
    ['https://glacier.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'https://sqs.cn-north-1.amazonaws.com.cn'],
    ['https://glacier.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1', 'https://sqs.us-iso-east-1.c2s.ic.gov'],
    ['https://vpce-1.glacier.eu-west-1.vpce.amazonaws.com', 'eu-west-1', 'https://sqs.eu-west-1.amazonaws.com'],
    ['http://127.0.0.1:8118', 'us-east-1', 'http://127.0.0.1:8118'],
    ['https://vaults.example', 'us-east-1', 'https://vaults.example'],
    ['https://amazonaws.com.evil.example', 'us-east-1', 'https://amazonaws.com.evil.example'],
  ])('the place of topics and queues: for vaults at %s in %s it is %s', (vaults, region, due) => {
    expect(place(vaults, region)).toBe(due);
  });

  it('the place of topics and queues: the environment may name another, for each service its own', () => {
    const environment = { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:4566/', AWS_ENDPOINT_URL_SNS: '' };
    const vaults = { region: 'us-east-1', endpoint: 'http://127.0.0.1:8118' };
    expect(noticePlace('sqs', vaults, environment).endpoint).toBe('http://127.0.0.1:4566');
    expect(noticePlace('sns', vaults, environment).endpoint).toBe('http://127.0.0.1:8118');
  });

  it('the place of topics and queues: only hosts of AWS are in a domain of AWS', () => {
    expect(domainOfAws('https://glacier.cn-north-1.amazonaws.com.cn')).toBe('amazonaws.com.cn');
    expect(domainOfAws('http://127.0.0.1:8118')).toBeNull();
    expect(domainOfAws('https://myamazonaws.com')).toBeNull();
  });
});

describe('the address of a queue', () => {
  const AWS = 'https://sqs.us-east-1.amazonaws.com';

  it.each([
    [AWS, `${AWS}/123456789012/q`],
    [AWS, 'https://us-east-1.queue.amazonaws.com/123456789012/q'],
    [AWS, 'https://queue.amazonaws.com/123456789012/q'],
    ['http://127.0.0.1:8118', 'http://127.0.0.1:8118/123456789012/q'],
  ])('the address of a queue: of %s, %s is one', (endpoint, address) => {
    expect(queueAt(new URL(address), endpoint)).toBe(address);
  });

  it.each([
    [AWS, 'https://sqs.eu-west-1.amazonaws.com/123456789012/q'],
    [AWS, 'http://sqs.us-east-1.amazonaws.com/123456789012/q'],
    [AWS, 'https://sqs.us-east-1.amazonaws.com.evil.example/123456789012/q'],
    [AWS, 'https://eu-west-1.queue.amazonaws.com/123456789012/q'],
    ['https://sqs.eu-west-1.amazonaws.com', 'https://queue.amazonaws.com/123456789012/q'],
    ['http://127.0.0.1:8118', 'http://127.0.0.1:8119/123456789012/q'],
    ['http://127.0.0.1:8118', 'https://127.0.0.1:8118/123456789012/q'],
  ])('the address of a queue: of %s, %s is none', (endpoint, address) => {
    expect(() => queueAt(new URL(address), endpoint)).toThrow(/is not of the service that is asked/);
  });
});
