// Check, a run and Verify in the states between the first look and the last: each is looked at in every width and scheme.
import type { APIRequestContext } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { choose, open, runPage, submitButton, verdict } from './check';
import { holdReading } from './hold';
import { glance, look } from './looks';
import { moves, watchMoves } from './moves';
import { HEADER, write } from './sales';
import { expect, test } from './test';

const csv = (name: string, lines: string[]) => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(`${[HEADER, ...lines].join('\n')}\n`),
});
const row = (key: string, region = 'North', money = '100.00') => `${key},2026-01-15,${region},Milk 1L,2,${money}`;

test('while a file is read its first rows stand there with what is wrong in them, and nothing moves for them', async ({ page }, info) => {
  test.setTimeout(300_000);
  const path = info.outputPath('april_orders_of_all_regions.csv');
  await write(path, 60_000, 'preview');
  await holdReading(page, 0.5);
  await watchMoves(page);
  await open(page);
  await choose(page, path);
  const first = page.getByRole('region', { name: /^The first rows/ });
  await expect(first.getByRole('row')).toHaveCount(13);
  await expect(first.getByRole('columnheader')).toHaveText(['Line', ...HEADER.split(',')]);
  await expect(first.getByRole('row').nth(1)).toHaveText(/^2preview-02025-01-01NorthTomato Ketchup 500g1/);
  // Of the first twelve rows one has no day.
  await expect(first.locator('td.fault')).toHaveText(['empty']);
  await expect(first.locator('td.fault')).toHaveAttribute('title', /./);
  await expect(page.getByText(/^Judging: .* failing$/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeInViewport();
  // The drop zone steps back for the file; nothing else moves.
  expect((await moves(page)).filter((it) => !it.includes('drop-title'))).toEqual([]);
  await look(page, 'check-reading');

  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { name: 'Cancelled' })).toBeVisible();
  await expect(first).toHaveCount(0);
  await look(page, 'check-cancelled');
});

test('while a workbook is opened it says so, and can be left', async ({ page }) => {
  let letGo = () => {};
  const gone = new Promise<void>((done) => (letGo = done));
  await page.route('**/sheets_bg.wasm', async (route) => {
    await gone;
    await route.continue();
  });
  await open(page);
  await choose(page, '../src/engine/tests/workbooks/orders.xlsx');
  await expect(page.getByRole('region', { name: /^orders\.xlsx/ })).toContainText('Opening …');
  await look(page, 'check-opening');
  letGo();
  await expect(verdict(page)).toContainText('3 of 5');
});

test('a long file shows its first rows and then its verdict, a short one its verdict alone', async ({ page, request }, info) => {
  await page.addInitScript(() => {
    const [seen, said]: [string[], string[]] = [[], []];
    Object.assign(window, { seen, said });
    new MutationObserver(() => {
      const rows = document.querySelectorAll('.first-rows tbody tr').length;
      const spoken = document.querySelector('[aria-live].hidden')?.textContent?.trim() ?? '';
      if (spoken && spoken !== said.at(-1)) said.push(spoken);
      if (rows > 0) seen.push(`${document.querySelector('.reading-now h2')?.textContent?.trim().split(' ')[0]} ${rows}`);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  const path = info.outputPath('long.csv');
  await write(path, 60_000, 'long');
  await open(page);
  await choose(page, path);
  await expect(verdict(page)).toContainText('of 60,000');
  // It says how far it is, some quarter at least, and then what came of it.
  const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
  expect(said[0]).toBe('Reading long.csv.');
  expect(said.length).toBeGreaterThan(2);
  expect(said.slice(1, -1).filter((it) => !/^(25|50|75|100) percent read\.$/.test(it))).toEqual([]);
  expect(said.at(-1)).toMatch(/^long\.csv: /);
  await choose(page, csv('short.csv', [row('short-1'), row('short-2', 'Nort')]));
  await expect(verdict(page)).toContainText('1 of 2');
  // The grid begins with its own rows.
  await expect(page.getByRole('region', { name: 'Rows of the file' })).toContainText('Row 1 of 1');
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  expect([...new Set(seen)]).toEqual(['long.csv 12']);

  // The server takes its time over the long one.
  const sent = await request.post('/api/v1/runs?workspace=settled&filename=long.csv', {
    data: await readFile(path),
    headers: { 'content-type': 'text/csv' },
  });
  await page.goto(`/w/settled/runs/${(await sent.json()).id}`);
  await expect(page.getByRole('status').filter({ hasText: 'This page follows the run' })).toBeVisible();
  // What the page asks for when the run has ended does not come until it is let.
  let come = () => {};
  const held = new Promise<void>((then) => (come = then));
  await page.route('**/pages/**', async (route) => {
    await held;
    await route.continue();
  });
  await glance(page, 'run-running');
  await expect(page.getByText('This page follows the run')).toBeVisible();
  come();
  await runPage(page);
  // Who hears the page is told what came of it.
  await expect(page.getByRole('status').filter({ hasText: /^[\d,]+ rows with .* went into the ledger/ })).toHaveCount(1);
});

test('Check with several files, with corrections, and while it sends', async ({ page }) => {
  test.setTimeout(300_000);
  await open(page, '/w/looked');
  const odd = csv('a file with quite a long name, of the second week of January.csv', [
    ...Array.from({ length: 20 }, (_, at) => row(`looked-${at}`, at % 6 === 1 ? 'Nort' : 'North')),
    row('looked-90', 'West', 'ten'),
  ]);
  await page.getByLabel('Choose a file').setInputFiles([odd, csv('two.csv', [row('two-1')]), csv('three.csv', [])]);
  await expect(verdict(page)).toContainText('of 21');
  await expect(page.getByRole('region', { name: 'Files', exact: true }).getByText('Not read yet')).toHaveCount(0);
  await look(page, 'check-several');

  await page.getByRole('button', { name: /^Replace in \d rows/ }).click();
  await expect(verdict(page)).toContainText('Corrected before submit');
  await page.getByRole('link', { name: 'Corrected', exact: true }).click();
  await expect(page.getByRole('grid').locator('td.corrected').first()).toBeVisible();
  await look(page, 'check-corrected');

  // The answer to what is sent does not come until it is let.
  let letGo = () => {};
  const held = new Promise<void>((done) => (letGo = done));
  await page.route(/\/api\/v1\/runs(\?|$)/, async (route) => {
    await held;
    await route.continue();
  });
  await submitButton(page).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: /^(Sending …|Sent. The server stores it …)$/ })).toBeVisible();
  await look(page, 'check-sending');
  letGo();
  await runPage(page);
  await look(page, 'run-corrected');
});

test('Check without an answer, with a file that it knows, and without its program', async ({ page, request }) => {
  const lines = [row('known-1'), row('known-2', 'Nort')];
  await send(request, 'filename=known.csv', lines, 'complete');
  await open(page, '/w/settled');
  await page.route('**/api/v1/digests/**', (route) => route.abort());
  await choose(page, csv('known.csv', lines));
  await submitButton(page).click();
  await expect(page.getByRole('alert')).toContainText('The file and its verdict are still here.');
  await glance(page, 'check-away');
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Submit again' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Already judged.' })).toBeVisible();
  await glance(page, 'check-known');

  await page.route('**/pkg/worker_loader.js', (route) => route.abort());
  await open(page, '/w/settled');
  await choose(page, csv('known.csv', lines));
  await expect(page.getByRole('alert')).toContainText('This file could not be checked');
  await glance(page, 'check-broken');
  // The form above takes it, with the file that is in it.
  await page.getByRole('button', { name: 'Send without preview' }).click();
  await page.waitForURL(/\/w\/settled\/runs\/run_/);
});

async function send(request: APIRequestContext, query: string, lines: string[], ends: string) {
  const sent = await request.post(`/api/v1/runs?workspace=settled&${query}`, {
    data: `${[HEADER, ...lines].join('\n')}\n`,
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status(), await sent.text()).toBe(202);
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=settled`)).json();
  await expect.poll(async () => (await run()).status).toBe(ends);
  return id as string;
}

test('a run that waits for its release, and one that was withdrawn', async ({ page, request }) => {
  test.setTimeout(300_000);
  const lines = Array.from({ length: 12 }, (_, at) => row(`settled-${at}`, at === 3 ? 'Nort' : 'North'));
  const first = await send(request, 'filename=january.csv', lines, 'complete');
  const mended = [row('settled-0', 'North', '150.00'), ...lines.slice(1, 11), row('settled-12'), row('settled-13')];
  const held = await send(request, `filename=january, mended.csv&replaces=${first}&admission=after-confirmation`, mended, 'held');
  await page.goto(`/w/settled/runs/${held}`);
  const release = page.getByRole('region', { name: 'Let it in' });
  await expect(release.getByRole('row', { name: /^Changed/ })).toContainText('₹100.00 becomes ₹150.00');
  await release.getByText('Which rows').click();
  await look(page, 'run-held');

  await release.getByLabel('Why').fill('the branch sent it again');
  await release.getByRole('button', { name: 'Let its rows in' }).click();
  await expect(page.getByRole('link', { name: 'See these sales' })).toBeVisible();
  await page.goto(`/w/settled/runs/${first}`);
  await expect(page.getByText('Another file took the place of this one')).toBeVisible();
  await look(page, 'run-replaced');
  await page.goto(`/w/settled/runs/${first}/rows/2`);
  await expect(page.getByText('Its run was withdrawn')).toBeVisible();
  await look(page, 'row-replaced');

  const second = await send(request, 'filename=february.csv', [row('february-1'), row('february-2', 'Nort')], 'complete');
  await page.goto(`/w/settled/runs/${second}`);
  await page.getByText('Withdraw this file').click();
  await look(page, 'run-undo');
  const undo = page.getByRole('region', { name: 'Undo, or put another file in its place' });
  await undo.getByLabel('Why').first().fill('sent by mistake');
  await undo.getByRole('button', { name: 'Withdraw' }).click();
  await expect(page.getByText('This file was withdrawn: its rows count no more.')).toBeVisible();
  await look(page, 'run-withdrawn');
});

test('rows that are chosen, what a replacement would come to, what was told, and what was done', async ({ page, request }) => {
  test.setTimeout(300_000);
  const lines = Array.from({ length: 30 }, (_, at) => row(`chosen-${at}`, at % 5 === 0 ? 'Nort' : at % 7 === 0 ? '' : 'North'));
  const id = await send(request, 'filename=chosen.csv', lines, 'complete');
  await page.goto(`/w/settled/exceptions?run=${id}`);
  await page.getByRole('checkbox', { name: /^Choose Line/ }).first().check();
  await page.getByRole('checkbox', { name: /^Choose Line/ }).nth(2).click({ modifiers: ['Shift'] });
  await expect(page.getByRole('button', { name: 'Let in as they are' })).toBeInViewport();
  await look(page, 'exceptions-chosen');
  await page.getByLabel('Why, a comment, or a name').fill('ravi');
  await page.getByRole('button', { name: 'Assign' }).click();
  await expect(page.getByRole('status')).toContainText('3 rows assigned.');
  await look(page, 'exceptions-told');

  await page.goto(`/w/settled/exceptions?run=${id}&column=region&find=Nort&with=North`);
  await expect(page.getByText('6 would enter the ledger')).toBeVisible();
  await look(page, 'exceptions-replace');
  await page.goto(`/w/settled/runs/${id}/exceptions/1`);
  await look(page, 'exception-open');
  await page.getByLabel('region', { exact: true }).fill('North');
  await page.getByRole('button', { name: 'Judge and save' }).click();
  await expect(page.getByText('Corrected, in the ledger')).toBeVisible();
  await page.getByText('As it came').click();
  await look(page, 'exception-corrected');
});

test('what Verify finds, and while it looks', async ({ page, request }) => {
  test.setTimeout(300_000);
  const id = await send(request, 'filename=proven.csv', [row('proven-1'), row('proven-2', 'Nort')], 'complete');
  const evidence = await (await request.get(`/api/v1/runs/${id}/evidence.zip?workspace=settled`)).body();
  const log = await (await request.get('/api/v1/audit/export?workspace=settled')).body();
  const file = (name: string, buffer: Buffer) => choose(page, { name, mimeType: 'application/octet-stream', buffer });
  await page.goto('/verify');
  await expect(page.getByText('Ready. From here on no network is needed.')).toBeVisible({ timeout: 30_000 });
  await file('evidence.zip', evidence);
  await expect(page.getByText('evidence.zip holds.')).toBeVisible();
  await look(page, 'verify-holds');
  const changed = Buffer.from(log.toString().replace('run.completed', 'run.compieted'));
  await file('log.ndjson', changed);
  await expect(page.getByText(/log.ndjson does not hold/)).toBeVisible();
  await look(page, 'verify-broken');
  await file('no_evidence.zip', Buffer.from('nothing of the kind'));
  await expect(page.getByText(/no_evidence.zip/)).toBeVisible();
  await look(page, 'verify-nothing');

  // The program does not come until it is let.
  let come = () => {};
  const held = new Promise<void>((then) => (come = then));
  await page.route('**/pkg/sheets_loader.js', async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await page.goto('/verify');
  await file('evidence.zip', evidence);
  await expect(page.getByRole('progressbar', { name: 'evidence.zip' })).toBeVisible();
  await look(page, 'verify-checking');
  come();
  await expect(page.getByText('evidence.zip holds.')).toBeVisible({ timeout: 30_000 });
});

test('menus, opened', async ({ page }) => {
  test.setTimeout(300_000);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto('/runs');
  await page.getByRole('button', { name: /^Numbers and days/ }).click();
  await expect(page.getByRole('button', { name: 'Dark', exact: true })).toBeVisible();
  await look(page, 'menu-display');
  await page.setViewportSize({ width: 360, height: 900 });
  await page.goto('/runs');
  await page.getByRole('button', { name: 'More' }).click();
  await expect(page.getByRole('link', { name: 'Audit' })).toBeVisible();
  await look(page, 'menu-more');
});
