// Drops a file on the page of a running server in Chromium, and gives the same file to Papa Parse in a worker of the
// same browser. Prints `{ verdict, blocked, gap, wasm, memory, papaparse: { version, seconds, blocked, gap, memory,
// counts } }` as JSON: seconds from the drop to the verdict on the page, the longest task of the main thread and the
// longest pause between two frames meanwhile, in milliseconds, and at most the bytes of the worker's WASM and of the
// page's process (null where the system does not tell). Of several times, the one with the quickest verdict.
// Arguments: the server's address, the task, the package.json of the folder with Playwright and Papa Parse.
// CHROMIUM names the browser; Playwright starts its own where it does not.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [address, taskFile, packages] = process.argv.slice(2);
const task = JSON.parse(readFileSync(taskFile, 'utf8'));
const require = createRequire(packages);
const { chromium } = require('@playwright/test');
const here = dirname(fileURLToPath(import.meta.url));

// A browser for each time, so that each has a process whose peak is its own.
const launch = () =>
  chromium.launch({
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

/** From now on the page notes long tasks and pauses between frames; `stopWatching` gives the longest of each. */
const watch = (page) =>
  page.evaluate(() => {
    const longest = { blocked: 0, gap: 0 };
    const note = (entries) => {
      for (const it of entries) longest.blocked = Math.max(longest.blocked, it.duration);
    };
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ entryTypes: ['longtask'] });
    let before = performance.now();
    let watching = true;
    const frame = (now) => {
      longest.gap = Math.max(longest.gap, now - before);
      before = now;
      if (watching) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    window.stopWatching = () => {
      watching = false;
      note(observer.takeRecords());
      observer.disconnect();
      return longest;
    };
  });

const stopWatching = (page) => page.evaluate(() => window.stopWatching());

/** The most bytes that the process of the page has had, worker included. */
async function peak(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const peaks = processInfo
    .filter((it) => it.type === 'renderer')
    .map(({ id }) => {
      try {
        return 1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]);
      } catch {
        return null;
      }
    });
  return peaks.includes(null) || peaks.length === 0 ? null : Math.max(...peaks);
}

/** Lets a worker keep hold of its program's memory, which no one else can reach. */
const HOLD_MEMORY = `for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const made = await original(...given);
    self.heldMemory = (made.instance ?? made).exports.memory;
    return made;
  };
}
`;

async function product(browser) {
  const page = await (await browser.newContext()).newPage();
  await page.route('**/worker_loader.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: HOLD_MEMORY + (await response.text()) });
  });
  await page.goto(address);
  await page.getByRole('button', { name: 'Try 5,000 sample rows' }).waitFor();
  // The worker's program is loaded ahead of the first file, as a person takes longer than that to find one.
  await page.waitForLoadState('networkidle');
  await watch(page);
  const verdict = page.evaluate(
    () =>
      new Promise((resolve) => {
        let dropped;
        addEventListener('drop', () => (dropped = performance.now()), { capture: true, once: true });
        const look = () => {
          if (dropped !== undefined && document.querySelector('[aria-label="Verdict"]')) {
            resolve((performance.now() - dropped) / 1000);
          } else {
            requestAnimationFrame(look);
          }
        };
        look();
      }),
  );
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [task.file], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) {
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  }
  const res = { verdict: await verdict, ...(await stopWatching(page)) };
  const held = page.workers().map((it) => it.evaluate(() => self.heldMemory?.buffer.byteLength ?? 0));
  res.wasm = Math.max(0, ...(await Promise.all(held)));
  if (res.wasm === 0) throw new Error('the memory of the worker cannot be seen');
  return { ...res, memory: await peak(browser) };
}

async function papaparse(browser) {
  const page = await (await browser.newContext()).newPage();
  const files = {
    '/': ['text/html', '<!doctype html><title>Papa Parse</title><input type="file">'],
    '/worker.js': ['text/javascript', readFileSync(join(here, 'papaparse_worker.js'))],
    '/checks.mjs': ['text/javascript', readFileSync(join(here, 'checks.mjs'))],
    '/papaparse.js': ['text/javascript', readFileSync(require.resolve('papaparse/papaparse.min.js'))],
  };
  const site = 'http://papaparse.test';
  await page.route(`${site}/**`, (route) => {
    const [contentType, body] = files[new URL(route.request().url()).pathname] ?? [];
    return body === undefined ? route.abort() : route.fulfill({ contentType, body });
  });
  await page.goto(`${site}/`);
  await page.evaluate(
    (task) =>
      new Promise((resolve, reject) => {
        const worker = new Worker('/worker.js');
        worker.onerror = (event) => reject(new Error(event.message));
        worker.onmessage = () => resolve();
        window.counted = new Promise((resolve) => {
          document.querySelector('input').onchange = (event) => {
            const start = performance.now();
            worker.onmessage = ({ data }) => resolve({ seconds: (performance.now() - start) / 1000, counts: data });
            worker.postMessage({ file: event.target.files[0], task });
          };
        });
      }),
    task,
  );
  await watch(page);
  await page.locator('input').setInputFiles(task.file);
  const counted = await page.evaluate(() => window.counted);
  return { ...counted, ...(await stopWatching(page)), memory: await peak(browser) };
}

async function best(measure, seconds) {
  let best;
  for (let time = 0; time < task.times; time += 1) {
    const browser = await launch();
    try {
      const res = await measure(browser);
      if (best === undefined || seconds(res) < seconds(best)) best = res;
    } finally {
      await browser.close();
    }
  }
  return best;
}

const ours = await best(product, (it) => it.verdict);
const { version } = require('papaparse/package.json');
const theirs = await best(papaparse, (it) => it.seconds);
console.log(JSON.stringify({ ...ours, papaparse: { version, ...theirs } }));
