// Opens the page of the WASM test runner in Chromium, where it runs the tests in a dedicated worker, and prints what
// it reports. Fails where a test failed.
// Arguments: the page's address, the file with the receipts of the native side, the package.json of the folder with
// Playwright. CHROMIUM names the browser; Playwright starts its own where it does not.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [address, receipts, packages] = process.argv.slice(2);
const { chromium } = createRequire(packages)('@playwright/test');
const PATIENCE = 300_000;

const browser = await chromium.launch({
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
});

/** The runner answers as soon as it has made the program ready. */
async function open(page) {
  for (const start = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    try {
      return await page.goto(address);
    } catch (error) {
      if (Date.now() - start > PATIENCE) throw error;
    }
  }
}

try {
  const page = await browser.newPage();
  let compared = false;
  await page.context().route('**/receipts.txt', (route) => {
    compared = existsSync(receipts);
    if (compared) return route.fulfill({ contentType: 'text/plain', body: readFileSync(receipts) });
    return route.fulfill({ status: 404 });
  });
  await open(page);
  const output = page.locator('#output');
  await page.waitForFunction(
    () => /test result: |error|Error/.test(document.querySelector('#output').textContent),
    undefined,
    { timeout: PATIENCE },
  );
  const text = await output.textContent();
  console.log(text);
  if (!compared) console.log('not run: the comparison with the native side, which has written no receipts');
  if (page.workers().length === 0) throw new Error('the tests did not run in a worker');
  if (!/^test result: ok\./m.test(text)) process.exitCode = 1;
} finally {
  await browser.close();
}
