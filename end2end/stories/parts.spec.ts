// The parts of the program that come when they are wanted: early, late, and not at all.
import type { Page } from '@playwright/test';
import { writeFile } from 'node:fs/promises';
import { choose, drop, open, verdict } from './check';
import { HEADER } from './sales';
import { expect, test } from './test';

const text = (...keys: string[]) => [HEADER, ...keys.map((it) => `${it},2026-01-15,North,Milk 1L,2,100.00`), ''].join('\n');
const csv = (name: string, ...keys: string[]) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text(...keys)) });

/** Holds a part back; what is returned lets it come. */
async function hold(page: Page, part: string) {
  let come = () => {};
  const held = new Promise<void>((then) => (come = then));
  await page.route(`**/pkg/${part}-*`, async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  return come;
}

/** The browser's own words for what did not come. */
function forget(errors: string[]) {
  const all = errors.splice(0);
  expect(all.length).toBeGreaterThan(0);
  expect(all.filter((it) => !it.includes('Failed to fetch'))).toEqual([]);
}

const awake = (page: Page) => expect(page.locator('.frame.awake')).toBeVisible();

test('a page that only shows loads no part until a file is held over it', async ({ page }, info) => {
  const path = info.outputPath('over.csv');
  await writeFile(path, text('over-1'));
  const asked: string[] = [];
  page.on('request', (it) => asked.push(new URL(it.url()).pathname));
  const of = (name: string) => asked.filter((it) => it.startsWith(`/pkg/${name}`));
  for (const address of ['/sales', '/quality', '/runs', '/rows', '/audit', '/controls', '/exceptions']) {
    await page.goto(address);
    await awake(page);
    await page.waitForLoadState('networkidle');
  }
  expect(of('browser_bg.wasm').length).toBeGreaterThan(0);
  expect([...of('split_'), ...of('chunk_'), ...of('worker')]).toEqual([]);
  await drop(page, path);
  await expect(verdict(page)).toContainText('over.csv');
  expect(of('split_check-')).toHaveLength(1);
  expect(of('split_work-')).toEqual([]);
});

test('what was chosen before the part that checks came is judged when it comes', async ({ page }) => {
  const come = await hold(page, 'split_check');
  await open(page);
  await choose(page, csv('early.csv', 'early-1'));
  const loading = page.getByRole('paragraph').filter({ hasText: 'Loading the checker …' });
  await expect(loading).toBeVisible();
  // Another page and back: the choice is kept.
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
  come();
  await page.getByRole('link', { name: 'Check', exact: true }).click();
  await expect(verdict(page)).toContainText('early.csv');
  await expect(loading).toHaveCount(0);
});

test('of two drops before it came the second counts, with all its files', async ({ page }, info) => {
  const paths = ['first.csv', 'second.csv', 'third.csv'].map((it) => info.outputPath(it));
  for (const path of paths) await writeFile(path, text(path));
  const come = await hold(page, 'split_check');
  await page.goto('/sales');
  await awake(page);
  await drop(page, paths[0]);
  await expect(page.getByRole('heading', { level: 1, name: 'Check' })).toBeVisible();
  await drop(page, ...paths.slice(1));
  come();
  const files = page.getByRole('region', { name: 'Files', exact: true });
  await expect(files.getByRole('row', { name: /second\.csv/ })).toContainText('Ready');
  await expect(files.getByRole('row', { name: /third\.csv/ })).toContainText('Ready');
  await expect(page.getByText('first.csv')).toHaveCount(0);
});

test('where it does not come that is said, the file stands in the form, and "Try again" has it come', async ({
  page,
  errors,
}, info) => {
  const path = info.outputPath('kept.csv');
  await writeFile(path, text('kept-1', 'kept-2'));
  await page.route('**/pkg/split_check-*', (route) => route.abort());
  await page.goto('/sales');
  await awake(page);
  await drop(page, path);
  await expect(page.getByRole('alert')).toContainText('The checker could not start in this browser');
  await expect(page.getByRole('button', { name: 'Send without preview' })).toBeVisible();
  const inForm = () => page.getByLabel('Choose a file').evaluate((it: HTMLInputElement) => it.files?.item(0)?.name);
  expect(await inForm()).toBe('kept.csv');
  await page.unroute('**/pkg/split_check-*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');
  await expect(page.getByRole('alert')).toHaveCount(0);
  forget(errors);
});

test('a file that is dropped on Verify before the part came is checked when it comes, and there alone', async ({ page }, info) => {
  const log = info.outputPath('early.ndjson');
  await writeFile(log, await (await page.request.get('/api/v1/audit/export')).body());
  const sales = info.outputPath('sales.csv');
  await writeFile(sales, text('after-1'));
  const come = await hold(page, 'split_work');
  await page.goto('/verify');
  await awake(page);
  await drop(page, log);
  await expect(page).toHaveURL('/verify');
  come();
  await expect(page.getByText(/early\.ndjson (holds|is not complete)/)).toBeVisible({ timeout: 30_000 });

  // Once it is left, nothing of it goes on.
  await page.getByRole('link', { name: 'Sales', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sales' })).toBeVisible();
  await expect(page).toHaveURL('/sales');
  await expect.poll(() => page.workers().length).toBe(0);
  await drop(page, sales);
  await expect(verdict(page)).toContainText('sales.csv');
  expect(page.workers().map((it) => it.url()).filter((it) => it.includes('sheets'))).toEqual([]);
});

test('where the part of Verify does not come that is said, and the next file has it come', async ({ page, errors }) => {
  await page.route('**/pkg/split_work-*', (route) => route.abort());
  await page.goto('/verify');
  await expect(page.getByText('The program that checks is not running.')).toBeVisible();
  await page.unroute('**/pkg/split_work-*');
  const log = await (await page.request.get('/api/v1/audit/export')).body();
  await choose(page, { name: 'late.ndjson', mimeType: 'application/x-ndjson', buffer: log });
  await expect(page.getByText(/late\.ndjson (holds|is not complete)/)).toBeVisible({ timeout: 30_000 });
  forget(errors);
});

test('what was typed in the grid before its part came stays, and where it did not come the next rows have it come', async ({
  page,
  request,
  errors,
}, info) => {
  const workspace = `parts${info.retry}${info.repeatEachIndex}`;
  const sound = Array.from({ length: 20 }, (_, at) => `parts-s${at},2026-01-15,North,Milk 1L,1,10.00\n`).join('');
  const sent = await request.post(`/api/v1/runs?filename=parts.csv&workspace=${workspace}`, {
    data: text('parts-1', 'parts-2').replaceAll('North', 'Nort') + sound,
    headers: { 'content-type': 'text/csv' },
  });
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');
  const cell = (line: number) => page.getByRole('textbox', { name: `region, line ${line} of parts.csv` });
  const save = page.getByRole('button', { name: /^Save/ });

  await page.route('**/pkg/split_work-*', (route) => route.abort());
  await page.goto(`/w/${workspace}/exceptions?view=grid`);
  await awake(page);
  await expect.poll(() => errors.length).toBeGreaterThan(0);
  forget(errors);
  await page.unroute('**/pkg/split_work-*');
  await page.getByRole('link', { name: 'Oldest first' }).click();
  await expect(save).toBeDisabled();
  await cell(2).fill('North');
  await expect(save).toHaveText('Save 1 correction');
  await page.keyboard.press('Control+z');

  const come = await hold(page, 'split_work');
  await page.reload();
  await awake(page);
  await cell(2).fill('North');
  await cell(3).fill('South');
  come();
  await expect(save).toHaveText('Save 2 corrections');
  await expect(cell(2)).toHaveValue('North');
  await expect(page.getByText('2 rows pass as they stand')).toBeVisible();
  await save.click();
  await expect(page.locator('.told')).toContainText('2 rows corrected: in the ledger now.', { timeout: 15_000 });
  await expect(cell(2)).toHaveCount(0);
});
