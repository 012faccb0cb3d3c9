import type { Page } from '@playwright/test';
import { choose, open, sampleButton, verdict } from './check';
import { HEADER } from './sales';
import { expect, requests, test, uploads } from './test';

const lakh = /₹\d{1,2}(,\d{2})+,\d{3}\.\d\d/;
const million = /₹\d{1,3}(,\d{3}){2}\.\d\d/;

const chooseWay = async (page: Page, name: string) => {
  await page.getByRole('button', { name: 'Numbers and days' }).click();
  await page.getByRole('button', { name, exact: true }).click();
};

test.describe('a reader whose browser speaks American English', () => {
  test.use({ locale: 'en-US' });

  test('has thousands and months first, until another way is chosen', async ({ page, request }) => {
    const data = `${HEADER}\nlocale-1,2026-01-15,North,Milk 1L,2,10.00\n`;
    const sent = await request.post('/api/v1/runs?filename=locale.csv', { data, headers: { 'content-type': 'text/csv' } });
    expect(sent.ok()).toBe(true);

    await open(page);
    await sampleButton(page).click();
    // What the browser says of a file agrees with what the server wrote around it.
    await expect(verdict(page)).toContainText(million);
    await expect(verdict(page)).not.toContainText(lakh);

    await page.goto('/audit');
    await expect(page.locator('time').first()).toHaveText(/^[A-Z][a-z]{2} \d{1,2}, \d{4}/);
    await chooseWay(page, '1,00,000 · 31 Dec 2026');
    await expect(page).toHaveURL('/audit');
    await expect(page.locator('time').first()).toHaveText(/^\d{1,2} [A-Z][a-z]{2} \d{4}/);
    await page.getByRole('button', { name: 'Numbers and days' }).click();
    const chosen = page.getByRole('button', { name: '1,00,000 · 31 Dec 2026' });
    await expect(chosen).toHaveAttribute('aria-pressed', 'true');

    await open(page);
    await sampleButton(page).click();
    await expect(verdict(page)).toContainText(lakh);
  });
});

test('a file that is judged stays on the page, with what was corrected, when another way is chosen', async ({ page }) => {
  const lines = Array.from({ length: 12 }, (_, at) => `way-${at},2026-01-15,${at === 3 ? 'Nort' : 'South'},Milk 1L,2,100000.00`);
  await open(page);
  const sent = requests(page);
  await choose(page, { name: 'way.csv', mimeType: 'text/csv', buffer: Buffer.from(`${HEADER}\n${lines.join('\n')}\n`) });
  await expect(verdict(page)).toContainText('11 of 12');
  await page.getByRole('grid').focus();
  await page.keyboard.press('F8');
  await page.keyboard.type('North');
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('All 12 rows can be loaded.');
  await expect(verdict(page)).toContainText('₹12,00,000.00');

  await chooseWay(page, '100,000 · Dec 31, 2026');
  await expect(verdict(page)).toContainText('₹1,200,000.00');
  await expect(verdict(page)).toContainText('All 12 rows can be loaded.');
  await expect(verdict(page)).toContainText('Corrected before submit: 1 ');
  await expect(page.getByRole('button', { name: 'Numbers and days: 100,000' })).toBeFocused();
  expect(uploads(sent)).toEqual(['POST /display']);

  // The other pages follow, the server's part of them, too; and the file is still there afterwards.
  await page.getByRole('link', { name: 'Audit' }).first().click();
  await page.getByRole('button', { name: 'Numbers and days' }).click();
  await expect(page.getByRole('button', { name: '100,000 · Dec 31, 2026' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Check' }).first().click();
  await expect(verdict(page)).toContainText('₹1,200,000.00');
  await page.reload();
  await expect(page.getByRole('button', { name: 'Numbers and days: 100,000' })).toBeVisible();
});

const paper = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

const scheme = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);

test('pages are dark or light as the reader chose, at once and from then on', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/runs');
  const light = await paper(page);
  await chooseWay(page, 'Dark');
  await expect.poll(() => scheme(page)).toBe('dark');
  const dark = await paper(page);
  expect(dark).not.toBe(light);
  await expect(page).toHaveURL('/runs');

  await page.getByRole('link', { name: 'Sales' }).first().click();
  expect(await scheme(page)).toBe('dark');
  await page.reload();
  expect(await scheme(page)).toBe('dark');
  expect(await paper(page)).toBe(dark);
  await page.getByRole('button', { name: 'Numbers and days' }).click();
  await expect(page.getByRole('button', { name: 'Dark', exact: true })).toHaveAttribute('aria-pressed', 'true');

  await page.getByRole('button', { name: 'Light', exact: true }).click();
  await expect.poll(() => paper(page)).toBe(light);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await paper(page)).toBe(light);
  await chooseWay(page, 'As the system');
  await expect.poll(() => paper(page)).toBe(dark);
  // Paper is white whatever was chosen.
  await chooseWay(page, 'Dark');
  await page.emulateMedia({ media: 'print' });
  expect(await scheme(page)).toBe('light');
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the way to write numbers and days can be chosen, and the page stays', async ({ page }) => {
    await page.goto('/sales?region=North');
    await page.getByRole('button', { name: 'Numbers and days' }).click();
    await page.getByRole('button', { name: '100,000 · Dec 31, 2026' }).click();
    await expect(page).toHaveURL('/sales?region=North');
    await expect(page.locator('html')).toHaveAttribute('data-month-first', /.*/);
    await expect(page.locator('html')).toHaveAttribute('data-in-threes', /.*/);
  });
});
