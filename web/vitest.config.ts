import { defineConfig } from 'vitest/config';

// A zone with daylight saving, whatever machine runs the tests.
process.env['TZ'] = 'Europe/Zurich';

export default defineConfig({ test: { include: ['tests/*.test.ts'] } });
