import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Queue } from '../../src/transfer/queue.js';

it('queue: gives what an array would, however adding and taking follow each other', () => {
  const runs = fc.array(fc.tuple(fc.nat(3000), fc.nat(3000)), { maxLength: 8 });
  fc.assert(
    fc.property(runs, (rounds) => {
      const queue = new Queue<number>();
      const model: number[] = [];
      let next = 0;
      for (const [added, taken] of rounds) {
        for (let i = 0; i < added; i++, next++) {
          queue.add(next);
          model.push(next);
        }
        const due = model.splice(0, taken);
        expect(due.map(() => queue.take())).toEqual(due);
        expect(queue.length).toBe(model.length);
      }
    }),
    { numRuns: 50 },
  );
});

it('queue: nothing can be taken from an empty one', () => {
  const queue = new Queue<string>();
  queue.add('only');
  queue.take();
  expect(() => queue.take()).toThrow(RangeError);
});
