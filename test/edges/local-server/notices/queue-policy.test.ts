// Which policies of a queue let a topic send to it, and which do not.

import { describe, expect, test } from 'vitest';
import { allowsTopic, isPolicy } from '../../../../src/edges/local-server/notices/queue-policy.js';
import { policyFor } from './notice-client.js';

const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:Q';
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:T';

const allowing = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: QUEUE };
const denying = { ...allowing, Effect: 'Deny' };
const from = (operator: string, key: string, value: unknown): object => ({
  Condition: { [operator]: { [key]: value } },
});

describe('queue policy', () => {
  test.each<[string, object | object[], boolean]>([
    ['anyone may', allowing, true],
    ['anyone of AWS may', { ...allowing, Principal: { AWS: '*' } }, true],
    ['SNS may', { ...allowing, Principal: { Service: ['s3.amazonaws.com', 'sns.amazonaws.com'] } }, true],
    ['only S3 may', { ...allowing, Principal: { Service: 's3.amazonaws.com' } }, false],
    ['an account may, which is not SNS', { ...allowing, Principal: { AWS: '123456789012' } }, false],
    ['every action', { ...allowing, Action: 'SQS:*' }, true],
    ['an action in other letters', { ...allowing, Action: ['SQS:sendmessage'] }, true],
    ['another action', { ...allowing, Action: 'sqs:ReceiveMessage' }, false],
    ['every queue', { ...allowing, Resource: '*' }, true],
    ['no word about queues', { ...allowing, Resource: undefined }, true],
    ['queues by pattern', { ...allowing, Resource: 'arn:aws:sqs:*:123456789012:?' }, true],
    ['another queue', { ...allowing, Resource: `${QUEUE}2` }, false],
    ['this topic', { ...allowing, ...from('ArnEquals', 'aws:SourceArn', TOPIC) }, true],
    ['one of two topics', { ...allowing, ...from('StringEquals', 'AWS:SourceArn', ['x', TOPIC]) }, true],
    ['topics by pattern', { ...allowing, ...from('ArnLike', 'aws:SourceArn', 'arn:aws:sns:*:*:T') }, true],
    ['a pattern where none counts', { ...allowing, ...from('StringEquals', 'aws:SourceArn', '*') }, false],
    ['another topic', { ...allowing, ...from('ArnEquals', 'aws:SourceArn', `${TOPIC}2`) }, false],
    ['topics of the account', { ...allowing, ...from('StringEquals', 'aws:SourceAccount', '123456789012') }, true],
    ['a condition that is not understood', { ...allowing, ...from('Bool', 'aws:SecureTransport', 'false') }, false],
    ['a key that every object has', { ...allowing, ...from('ArnLike', 'constructor', '?') }, false],
    ['a denial besides', [allowing, denying], false],
    ['a denial of another topic', [allowing, { ...denying, ...from('ArnEquals', 'aws:SourceArn', 'x') }], true],
    ['a denial not understood', [allowing, { ...denying, ...from('Bool', 'aws:SecureTransport', 'false') }], false],
    ['nothing', [], false],
  ])('%s', (_, statements, expected) => {
    expect(allowsTopic(JSON.stringify({ Statement: statements }), QUEUE, TOPIC)).toBe(expected);
  });

  test.each<[string, boolean]>([
    [policyFor(QUEUE, TOPIC), true],
    [JSON.stringify({ Statement: allowing }), true],
    [JSON.stringify({ Statement: [] }), true],
    ['', false],
    ['null', false],
    ['{}', false],
    ['{"Statement":"x"}', false],
    ['{"Statement":[null]}', false],
    ['{"Statement":[{"Effect":"Perhaps"}]}', false],
    ['{"Statement":{"Effect":"Allow","Condition":5}}', false],
    ['{"Statement":{"Effect":"Allow","Condition":{"ArnEquals":null}}}', false],
    ['{"Statement":{"Effect":"Allow","Condition":[]}}', false],
  ])('%s is one: %s', (text, expected) => {
    expect(isPolicy(text)).toBe(expected);
  });

  test('no policy allows nothing; the one of the guide allows its topic', () => {
    expect(allowsTopic('', QUEUE, TOPIC)).toBe(false);
    expect(allowsTopic(policyFor(QUEUE, TOPIC), QUEUE, TOPIC)).toBe(true);
  });
});
