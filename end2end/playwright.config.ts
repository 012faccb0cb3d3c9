// The stories run against a server that `cargo xtask test` has started; this file starts nothing.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'stories',
  outputDir: 'results',
  // One server with one ledger, and machines with two cores: stories take turns.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  // One that fails and then passes is counted apart; most begin in a workspace that their first try has filled.
  retries: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env.BASE_URL,
    // Numbers and days are written as the browser's language has them.
    locale: 'en-IN',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      // Playwright starts its own browser where none is named.
      executablePath: process.env.CHROMIUM || undefined,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
