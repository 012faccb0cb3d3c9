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
  const rows = page.getByRole('region', { name: 'Rows of the file' });
  await expect(rows.getByText(`Row 1 of ${count(truth.exceptions)}`)).toBeVisible();

  // Every row can be scrolled to, and no more rows are drawn than fit.
  await rows.getByRole('link', { name: 'Every row' }).click();
  await expect(rows.getByText(`Row 1 of ${count(truth.read)}`)).toBeVisible();
  await rows.locator('.sheet').evaluate((it) => it.scrollTo(0, it.scrollHeight / 2));
  const middle = rows.getByRole('row').nth(1);
  await expect.poll(async () => Number(await middle.getAttribute('aria-rowindex'))).toBeGreaterThan(truth.read * 0.45);
  await expect.poll(async () => Number(await middle.getAttribute('aria-rowindex'))).toBeLessThan(truth.read * 0.55);
  await expect(middle.getByRole('gridcell').first()).not.toHaveText('');
  await rows.getByRole('grid').focus();
  await page.keyboard.press('Control+End');
  await expect(rows.getByText(`Row ${count(truth.read)} of ${count(truth.read)}`)).toBeVisible();
  await expect(rows.getByRole('row').last()).toHaveAttribute('aria-rowindex', String(truth.read + 1));
  expect(await rows.getByRole('row').count()).toBeLessThan(60);

  // A cell is put right: by the pieces that it touches, not by the whole file.
  await page.keyboard.press('End');
  await page.keyboard.press('Backspace');
  const begun = Date.now();
  await expect(verdict(page)).toContainText(`${count(truth.accepted - 1)} of`);
  console.log(`a cell of ${count(truth.read)} rows was judged within ${Date.now() - begun} ms`);
  await page.keyboard.press('Control+z');
  await expectBalance(page, truth);
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
