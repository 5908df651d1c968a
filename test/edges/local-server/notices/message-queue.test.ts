// A queue on a clock of its own: hiding, waiting, delaying and forgetting.

import { describe, expect, test } from 'vitest';
import { MessageQueue, type ReceiveWish } from '../../../../src/edges/local-server/notices/message-queue.js';
import { standardAttributes } from '../../../../src/edges/local-server/notices/queue-attributes.js';
import { ManualClock } from './manual-clock.js';

const LISTENING = new AbortController().signal;
const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(8) + '-0000-4000-8000-000000000000');

function newQueue(): MessageQueue {
  return new MessageQueue('arn:aws:sqs:us-east-1:123456789012:Q', 0, standardAttributes());
}

function message(index: number, at: number, delayMs = 0) {
  return { type: 'message', queue: 'Q', id: ids[index]!, body: String(index), sender: 's', at, delayMs } as const;
}

const wish = (more: Partial<ReceiveWish> = {}): ReceiveWish => ({ count: 10, waitMs: 0, hiddenMs: 30_000, ...more });

describe('message queue', () => {
  const bodiesNow = async (queue: MessageQueue, clock: ManualClock, more?: Partial<ReceiveWish>): Promise<string[]> =>
    (await queue.receive(wish(more), clock, LISTENING)).map((receipt) => receipt.message.record.body);

  test('a message that was not deleted comes back when its time is over, not before', async () => {
    const [queue, clock] = [newQueue(), new ManualClock()];
    queue.add(message(0, 0));
    expect(await bodiesNow(queue, clock)).toEqual(['0']);
    clock.advance(29_999);
    expect(await bodiesNow(queue, clock)).toEqual([]);
    clock.advance(1);
    expect(await bodiesNow(queue, clock)).toEqual(['0']);
  });

  test('whoever waits gets the message that becomes visible meanwhile', async () => {
    const [queue, clock] = [newQueue(), new ManualClock()];
    queue.add(message(0, 0));
    await bodiesNow(queue, clock, { hiddenMs: 5000 });
    const waiting = bodiesNow(queue, clock, { waitMs: 20_000 });
    await clock.awaited(5000);
    clock.advance(5000);
    expect(await waiting).toEqual(['0']);
  });

  test('whoever waits in vain is told so when the time is over', async () => {
    const [queue, clock] = [newQueue(), new ManualClock()];
    const waiting = bodiesNow(queue, clock, { waitMs: 20_000 });
    await clock.awaited(20_000);
    clock.advance(20_000);
    expect(await waiting).toEqual([]);
  });

  test('whoever goes away takes no message with him', async () => {
    const [queue, clock] = [newQueue(), new ManualClock()];
    const gone = new AbortController();
    const waiting = queue.receive(wish({ waitMs: 20_000 }), clock, gone.signal);
    await clock.awaited(20_000);
    gone.abort();
    queue.add(message(0, 0));
    expect(await waiting).toEqual([]);
    expect(await bodiesNow(queue, clock)).toEqual(['0']);
  });

  test('a delayed message is seen after its delay', async () => {
    const [queue, clock] = [newQueue(), new ManualClock()];
    queue.add(message(0, 0, 10_000));
    expect(queue.counts(0)).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    expect(await bodiesNow(queue, clock)).toEqual([]);
    clock.advance(10_000);
    expect(await bodiesNow(queue, clock)).toEqual(['0']);
    expect(queue.counts(10_000)).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  });

  test('what is older than the retention is forgotten', async () => {
    const [queue, clock] = [newQueue(), new ManualClock()];
    queue.add(message(0, 0));
    queue.add(message(1, 1000));
    clock.advance(345_600_000);
    expect(await bodiesNow(queue, clock)).toEqual(['1']);
  });

  test('after a restart a handle from before is as good as ever', async () => {
    const [before, clock] = [newQueue(), new ManualClock()];
    before.add(message(0, 0));
    const [receipt] = await before.receive(wish(), clock, LISTENING);
    const after = newQueue();
    after.add(message(0, 0));
    expect(after.holdOf(receipt!.handle)?.record.id).toBe(ids[0]);
    await bodiesNow(after, clock);
    expect(after.holdOf(receipt!.handle)).toBeNull();
  });
});
