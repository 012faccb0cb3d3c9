import { choose, expectBalance, expectFailed, open, submit, verdict } from './check';
import { count, write } from './sales';
import { expect, requests, test, uploads } from './test';

test('a million rows are cancelled half-way and then read to the end, while the page answers', async ({ page }, info) => {
  const path = info.outputPath('million.csv');
  const truth = await write(path, 1_000_000, 'million');
  await open(page);
  const sent = requests(page);

  // A hand is too slow to hit the half: Cancel is pressed by the frame that shows it.
  const cancelledAt = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () => {
          const share = document.querySelector<HTMLProgressElement>('main progress')?.value ?? 0;
          const button = [...document.querySelectorAll('button')].find((it) => it.textContent === 'Cancel');
          if (share >= 500 && button) {
            button.click();
            resolve(share);
          } else {
            requestAnimationFrame(look);
          }
        };
        look();
      }),
  );
  await choose(page, path);
  const share = await cancelledAt;
  expect(share).toBeLessThan(1_000);
  await expect(page.getByRole('heading', { name: 'Cancelled' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('was not read to its end');
  await expect(verdict(page)).toHaveCount(0);

  // Read again, to the end. Meanwhile other pages are looked at; each click is timed from the hand to the page.
  await page.evaluate(() => {
    const clicks: { reading: boolean; late: number }[] = [];
    document.addEventListener('click', (event) => {
      const reading = document.querySelector('main progress') !== null;
      requestAnimationFrame(() => clicks.push({ reading, late: performance.now() - event.timeStamp }));
    });
    Object.assign(window, { clicks });
  });
  await page.getByRole('button', { name: 'Check it again' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Controls' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Controls' })).toBeVisible();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Check' }).click();
  await expect(verdict(page)).toBeVisible({ timeout: 60_000 });
  const clicks = await page.evaluate(
    () => (window as unknown as { clicks: { reading: boolean; late: number }[] }).clicks,
  );
  const during = clicks.filter((it) => it.reading).map((it) => Math.round(it.late));
  console.log(`cancelled at ${Math.round(share / 10)} %; clicks while reading answered after ${during.join(', ')} ms`);
  expect(during.length).toBeGreaterThan(0);

  await expectBalance(page, truth);
  await expectFailed(page, truth.failed);
  const rows = page.getByRole('region', { name: 'Rows with findings' });
  await expect(rows.getByText(`1 to 50 of ${count(truth.exceptions)} rows`)).toBeVisible();
  await rows.getByRole('link', { name: 'Next' }).click();
  await expect(rows.getByText(`51 to 100 of ${count(truth.exceptions)} rows`)).toBeVisible();
  // The other page was asked for; of the file nothing left this one.
  expect(uploads(sent)).toEqual([]);
  expect(sent.map((it) => `${it.url()} ${it.postData() ?? ''}`).filter((it) => it.includes('million'))).toEqual([]);
});

test('a big file is judged by several workers, and the server agrees', async ({ page }, info) => {
  const path = info.outputPath('big.csv');
  const truth = await write(path, 320_000, 'big');
  const started: string[] = [];
  page.context().on('request', (it) => started.push(new URL(it.url()).pathname));
  await open(page);
  await choose(page, path);
  await expect(verdict(page)).toBeVisible({ timeout: 60_000 });
  await expectBalance(page, truth);
  await expectFailed(page, truth.failed);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  const programs = started.filter((it) => it === '/pkg/worker_loader.js').length;
  expect(programs).toBe(Math.min(cores, 8));
  await submit(page);
  await expect(page.getByText('server and browser agree')).toBeVisible();
});
