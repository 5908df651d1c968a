import { defineConfig } from 'vitest/config';
import { CountReporter } from './test/count-reporter.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
    maxWorkers: 2,
    reporters: ['default', new CountReporter()],
  },
});
