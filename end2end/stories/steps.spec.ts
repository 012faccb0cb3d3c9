// The ways that lead on from a run: to its sales, its exceptions and its proof, and back to Check.
import type { APIRequestContext, Page } from '@playwright/test';
import { open, runPage, submitButton, verdict } from './check';
import { HEADER, money } from './sales';
import { expect, requests, test, uploads } from './test';

async function send(request: APIRequestContext, workspace: string, name: string, lines: string[], ends = 'complete') {
  const sent = await request.post(`/api/v1/runs?filename=${name}&workspace=${workspace}`, {
    data: `${[HEADER, ...lines].join('\n')}\n`,
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status(), await sent.text()).toBe(202);
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json();
  await expect.poll(async () => (await run()).status, { timeout: 60_000 }).toBe(ends);
  return id as string;
}

test('each of the three steps after a run opens for that run alone', async ({ page, request }) => {
  const rows = (prefix: string, wrong: number, paise: number) =>
    Array.from({ length: 12 }, (_, at) => `${prefix}-${at},2026-01-15,${at < wrong ? 'Nort' : 'North'},Milk 1L,1,${(paise / 100).toFixed(2)}`);
  await send(request, 'steps', 'before.csv', rows('before', 3, 70_000));
  const id = await send(request, 'steps', 'after.csv', rows('after', 2, 5_000));
  const next = page.getByRole('navigation', { name: 'What comes next' });

  // Its figures lead to their rows, among the runs and on its own page.
  await page.goto('/w/steps/runs');
  const line = page.getByRole('row', { name: /^after\.csv/ });
  await line.getByRole('link', { name: '2', exact: true }).click();
  await expect(page.getByText('2 exceptions in all')).toBeVisible();
  await page.goBack();
  await line.getByRole('link', { name: '10', exact: true }).click();
  await expect(page.locator('.rows-total')).toHaveText(`10 rows · ${money(10 * 5_000)}`);
  await page.goto(`/w/steps/runs/${id}`);
  const balance = page.getByRole('region', { name: 'Rows and money' });
  await balance.getByRole('row', { name: /^Exceptions/ }).getByRole('link').click();
  await expect(page).toHaveURL((it) => it.searchParams.get('run') === id && it.searchParams.get('show') === 'all');
  await expect(page.getByText('2 exceptions in all')).toBeVisible();
  await page.goBack();
  await balance.getByRole('row', { name: /^Accepted/ }).getByRole('link').click();
  await expect(page.locator('.rows-total')).toHaveText(`10 rows · ${money(10 * 5_000)}`);
  await page.goBack();
  await page.getByRole('link', { name: /^North: / }).click();
  await expect(page).toHaveURL((it) => it.pathname === '/w/steps/rows' && it.searchParams.get('region') === 'North');
  await expect(page.locator('.rows-total')).toHaveText(`10 rows · ${money(10 * 5_000)}`);

  await page.goto(`/w/steps/runs/${id}`);
  await next.getByRole('link', { name: 'See these sales' }).click();
  await expect(page).toHaveURL(`/w/steps/sales?run=${id}`);
  await expect(page.getByText('Rests on 1 run')).toBeVisible();
  await expect(page.locator('.key-figures strong').first()).toHaveAttribute('title', money(10 * 5_000));
  await expect(page.getByRole('combobox', { name: 'Run' })).toHaveValue(id);

  await page.goBack();
  await next.getByRole('link', { name: /^Work these exceptions/ }).click();
  await expect(page).toHaveURL((it) => it.pathname === '/w/steps/exceptions' && it.searchParams.get('run') === id);
  await expect(page.getByText('2 exceptions open')).toBeVisible();
  await expect(page.getByRole('link', { name: /^Line \d+ of / })).toHaveText(['3', '2']);
  await expect(page.getByRole('link', { name: /^Line \d+ of before/ })).toHaveCount(0);

  await page.goBack();
  await next.getByRole('link', { name: 'Proof' }).click();
  await expect(page).toHaveURL(`/w/steps/audit?run=${id}`);
  await expect(page.getByRole('textbox', { name: 'Run', exact: true })).toHaveValue(id);
  const entries = page.getByRole('region', { name: 'Entries' }).locator('tbody tr');
  await expect(entries.filter({ hasText: 'run.completed' })).toHaveCount(1);
  await expect(entries.filter({ hasNotText: id.slice(-8) })).toHaveCount(0);
});

/** What lies on the desk goes out as a new run, and takes the place of the one that it came from. */
async function submitAnew(page: Page, before: string): Promise<string> {
  const sent = requests(page);
  await submitButton(page).click();
  await page.waitForURL((it) => it.pathname.includes('/runs/run_') && !it.pathname.endsWith(before));
  const address = await runPage(page);
  expect(uploads(sent)).toEqual([`POST /api/v1/runs/${before}/again`]);
  await expect(page.getByText('server and browser agree')).toBeVisible();
  return address.slice(address.lastIndexOf('/') + 1);
}

/** The drawing of the run on the page says whose place it takes. */
const earlier = (page: Page, name: string) =>
  page.locator('.flow-stop').filter({ hasText: 'Earlier file' }).getByRole('link', { name });

test('a held run is opened in Check, its dates read otherwise, and the new run takes its place', async ({ page, request }) => {
  const american = Array.from({ length: 10 }, (_, at) => `us-${at},04/${13 + at}/2025,North,Milk 1L,1,10.00`);
  const held = await send(request, 'again', 'american.csv', american, 'held');
  await page.goto(`/w/again/runs/${held}`);
  await page.getByRole('link', { name: 'Open in Check' }).first().click();
  await expect(page.getByText('nothing is uploaded')).toBeVisible();
  await expect(verdict(page)).toContainText('0 of 10');
  await page.getByText(/^Read as /).click();
  await page.getByLabel('How the dates of order_date are written').selectOption('MM-DD-YYYY');
  await expect(verdict(page)).toContainText('All 10 rows can be loaded.');
  const id = await submitAnew(page, held);

  const run = await (await request.get(`/api/v1/runs/${id}?workspace=again`)).json();
  expect([run.status, run.replaces, run.rows_accepted]).toEqual(['complete', held, 10]);
  await expect(earlier(page, 'american.csv')).toBeVisible();
  await earlier(page, 'american.csv').click();
  await expect(page).toHaveURL(`/w/again/runs/${held}`);
  await expect(page.getByText('Another file took the place of this one')).toBeVisible();
  await page.getByRole('link', { name: 'To that file' }).click();
  await expect(page).toHaveURL(`/w/again/runs/${id}`);
});

test('a column is read otherwise, or another contract is in force: the run of before is judged so, and replaced', async ({ page, request }) => {
  const workspace = 'otherwise';
  const header = HEADER.replace('product', 'product,area');
  const lines = Array.from({ length: 10 }, (_, at) => `area-${at},2026-01-15,${at < 2 ? 'Nort' : 'North'},Milk 1L,South,1,10.00`);
  const sent = await request.post(`/api/v1/runs?filename=areas.csv&workspace=${workspace}`, {
    data: `${[header, ...lines].join('\n')}\n`,
    headers: { 'content-type': 'text/csv' },
  });
  const { id: first } = await sent.json();
  const run = async (id: string) => (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json();
  await expect.poll(async () => (await run(first)).status).toBe('complete');

  await page.goto(`/w/${workspace}/runs/${first}`);
  await page.getByRole('link', { name: 'Open in Check' }).click();
  await expect(verdict(page)).toContainText('8 of 10');
  await page.getByText(/^Read as /).click();
  await page.getByLabel('area is used as').selectOption('Region');
  await expect(verdict(page)).toContainText('All 10 rows can be loaded.');
  const second = await submitAnew(page, first);
  expect((await run(second)).replaces).toBe(first);
  await expect(earlier(page, 'areas.csv')).toBeVisible();

  // The same file once more, under what is in force by now.
  const { contracts } = await (await request.get(`/api/v1/contracts?workspace=${workspace}`)).json();
  const [{ contract }] = contracts;
  const [regions] = contract.lists.filter((it: { name: string }) => it.name === 'regions');
  regions.entries = regions.entries.filter((it: { value: string }) => it.value !== 'South');
  const draft = { ...contract, version: '2.0.0' };
  const drafted = await request.post(`/api/v1/contracts/drafts?workspace=${workspace}&note=stricter`, { data: draft });
  expect(drafted.status(), await drafted.text()).toBe(201);
  const adopted = await request.post(`/api/v1/contracts/sales/versions/1/adoption?workspace=${workspace}`, { data: { reason: 'agreed' } });
  expect(adopted.status(), await adopted.text()).toBe(200);
  await page.getByRole('link', { name: 'Open in Check' }).click();
  await expect(verdict(page)).toContainText('0 of 10');
  const third = await submitAnew(page, second);
  const now = await run(third);
  expect([now.status, now.replaces, now.verdict.contract.version]).toEqual(['held', second, '2.0.0']);
  expect((await run(second)).verdict.contract.version).toBe('1.0.0');
});
