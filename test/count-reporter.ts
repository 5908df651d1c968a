// Ends the test run with one plain line, for whatever reads it: `N passed, N failed`. A line above for each that was skipped.

import type { Reporter, TestModule } from 'vitest/node';

export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0;
    let failed = 0;
    const skipped: string[] = [];
    for (const module of modules) {
      // A file that does not even load counts as a failure of its own.
      if (module.errors().length > 0) failed++;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed++;
        else if (result.state === 'skipped' && result.note !== undefined) skipped.push(`${test.name}: ${result.note}`);
        else failed++;
      }
    }
    for (const line of skipped) process.stdout.write(`\nSKIPPED ${line}`);
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  }
}
