// Opens each page of a running server in Chromium, cold, as a new visitor does, and prints as JSON
// `{ pages: [{ path, program, paint, shift, ready }], filter }`: for each page the bytes of its scripts and WASM as they
// were sent, without those of workers, its Largest Contentful Paint and when the last of its WASM had come, in
// milliseconds, and its Cumulative Layout Shift; and the milliseconds from a changed filter to the redrawn chart.
// Medians of several times.
// Arguments: the server's address, how often, the package.json of the folder with Playwright, the paths.
// CHROMIUM names the browser; Playwright starts its own where it does not.
import { createRequire } from 'node:module';

const [address, times, packages, ...paths] = process.argv.slice(2);
const { chromium } = createRequire(packages)('@playwright/test');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || undefined,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Noted from the first moment of a page, since observers that come later miss shifts. */
const observe = () => {
  window.noted = { paint: 0, shift: 0 };
  const look = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  look('largest-contentful-paint', (it) => (window.noted.paint = it.startTime));
  look('layout-shift', (it) => {
    if (!it.hadRecentInput) window.noted.shift += it.value;
  });
};

async function open(path) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addInitScript(observe);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const programs = new Set();
  let program = 0;
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (/\.(js|wasm)$/.test(new URL(response.url).pathname)) programs.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (programs.has(requestId)) program += encodedDataLength;
  });
  const answer = await page.goto(address + path);
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()}`);
  await page.waitForLoadState('networkidle');
  const noted = await page.evaluate(() => ({
    ...window.noted,
    ready: Math.max(
      0,
      ...performance
        .getEntriesByType('resource')
        .filter((it) => /(browser_bg|split_|chunk_).*\.wasm$/.test(new URL(it.name).pathname))
        .map((it) => it.responseEnd),
    ),
  }));
  return { context, page, program, noted };
}

const pages = [];
for (const path of paths) {
  const seen = [];
  let program = 0;
  for (let time = 0; time < times; time += 1) {
    const opened = await open(path);
    seen.push(opened.noted);
    program = opened.program;
    await opened.context.close();
  }
  const of = (name) => median(seen.map((it) => it[name]));
  pages.push({ path, program, paint: of('paint'), shift: of('shift'), ready: of('ready') });
}

/** From the change to the frame after the new drawing is in the page. */
const choose = (region) =>
  new Promise((resolve) => {
    const select = document.querySelector('select[name="region"]');
    const before = document.querySelector('figure svg');
    const start = performance.now();
    const look = () => {
      const now = document.querySelector('figure svg');
      if (now && now !== before && location.search.includes(`region=${region}`)) resolve(performance.now() - start);
      else requestAnimationFrame(look);
    };
    select.value = region;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    look();
  });

const { page, context } = await open('/sales');
const redrawn = [];
for (let time = 0; time < times; time += 1) {
  for (const region of ['North', 'South']) redrawn.push(await page.evaluate(choose, region));
}
await context.close();
await browser.close();
console.log(JSON.stringify({ pages, filter: median(redrawn) }));
