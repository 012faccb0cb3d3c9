// Every page in the states that a reader seldom sees: nothing there yet, very much there, an answer that takes its
// time, and none at all. Each is looked at as the ordinary one is in appearance.spec.ts.
import type { APIRequestContext, Page } from '@playwright/test';
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { choose, open as openCheck, verdict } from './check';
import { look } from './looks';
import { moves, watchMoves } from './moves';
import { HEADER } from './sales';
import { serve } from './serve';
import { expect, test } from './test';
import { takeYear } from './year';

const PAGES = ['runs', 'sales', 'quality', 'exceptions', 'rows', 'audit', 'controls'] as const;

/** Pages of one thing, by the names of their pictures. Nobody has this run: what they show is held back, or fails. */
const RUN = 'runs/run_00000000000000000000000000000000';
const ONES: [name: string, address: string][] = [
  ['runs-one', RUN],
  ['exception', `${RUN}/exceptions/5`],
  ['row', `${RUN}/rows/4`],
  ['contract', 'controls/contracts/sales'],
  ['list', 'controls/contracts/sales/lists/products'],
];
const ALL: [name: string, address: string][] = [
  ['home', ''],
  ...PAGES.map((it): [string, string] => [it, it]),
  ...ONES,
  ['search', 'search?q=x'],
];

/** As a link of the page would lead there: its programs stay, and it asks for what it shows. */
async function enter(page: Page, address: string) {
  await page.evaluate((to) => {
    const link = document.createElement('a');
    link.href = to;
    document.body.append(link);
    link.click();
    link.remove();
  }, address);
  await page.waitForURL(`**${address}`);
}

async function open(page: Page, address = '/verify') {
  await page.goto(address);
  await expect(page.locator('.frame')).toHaveClass(/awake/);
}

/** Long names, huge and tiny figures, much in one cell, each of it as files of real businesses have it. */
async function takeMuch(request: APIRequestContext, workspace: string): Promise<string> {
  const { name, text } = much(workspace);
  const sent = await request.post(`/api/v1/runs?filename=${encodeURIComponent(name)}&workspace=${workspace}`, {
    data: text,
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status(), await sent.text()).toBe(202);
  const { id } = await sent.json();
  const status = async () => (await (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json()).status;
  await expect.poll(status, { timeout: 60_000 }).toBe('complete');
  return id;
}

function much(workspace: string) {
  const long = 'Hand-roasted Himalayan pink salt and cracked black pepper kettle-cooked potato crisps, family pack ';
  const lines = Array.from({ length: 60 }, (_, at) => {
    const key = `${workspace}-${'0123456789'.repeat(at % 20 === 3 ? 12 : 1)}-${at}`;
    const day = `2025-${String(1 + (at % 12)).padStart(2, '0')}-15`;
    const region = at % 9 === 4 ? 'Bundesrepublik-Deutschland-Nordrhein-Westfalen'.repeat(3) : ['North', 'South', 'East', 'West', 'Central'][at % 5];
    const product = at % 3 === 0 ? `"${long.repeat(2)}${at % 6}"` : 'Milk 1L';
    const money = at % 11 === 5 ? '-1' : at % 20 === 0 ? '98765432109876.54' : '0.01';
    return [key, day, region, product, at % 2 === 0 ? '999999999' : '1', money].join(',');
  });
  const name = `Sales of all regions and of every quarter, ${'corrected again and sent once more, '.repeat(4)}final.csv`;
  return { name, text: [HEADER, ...lines].join('\n') };
}

test('pages of a workspace in which nothing is say what to do', async ({ page }) => {
  test.setTimeout(300_000);
  for (const name of PAGES.filter((it) => it !== 'controls')) {
    await page.goto(`/w/fresh/${name}`);
    await expect(page.locator('.notice.empty')).toBeVisible();
    await look(page, `${name}-empty`);
  }
  await page.goto('/w/fresh');
  await expect(page.getByText('Tarazu reads a sales file')).toBeVisible();
  await look(page, 'home-empty');
  await page.goto('/w/fresh/search?q=nothing');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await look(page, 'search-empty');
});

test('a filter that nothing answers says so, and how all is seen again', async ({ page, request }) => {
  test.setTimeout(300_000);
  await takeMuch(request, 'narrow');
  const never = 'period=custom&from=2001-01-01&to=2001-01-31';
  for (const [name, address, way] of [
    ['quality', `quality?${never}`, 'Show all'],
    ['exceptions', 'exceptions?q=nothing+says+this', 'Clear'],
    ['exceptions-grid', 'exceptions?view=grid&region=Nowhere', 'Clear'],
    ['rows', 'rows?key=nothing', 'Show all rows'],
    ['audit', `audit?event=run.completed&${never}`, 'All entries'],
  ]) {
    await page.goto(`/w/narrow/${address}`);
    await expect(page.getByRole('link', { name: way, exact: true }).first()).toBeVisible();
    await look(page, `${name}-nothing`);
  }
});

/** Writes another word of the same length over one in the database of a server that is stopped. */
async function overwrite(database: string, word: string, other: string) {
  const bytes = await readFile(database);
  let found = 0;
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + 1)) {
    bytes.write(other, at);
    found += 1;
  }
  expect(found).toBeGreaterThan(0);
  await writeFile(database, bytes);
}

test('a run that failed says what was kept, and the log what has no entry', async ({ page, request }, info) => {
  test.setTimeout(120_000);
  const folder = info.outputPath('data');
  const first = await serve(folder);
  try {
    const address = `${first.address}/api/v1/runs`;
    const run = async (query: string, end: string) => {
      const sent = await request.post(`${address}?${query}`, {
        data: [HEADER, 'F-1,2026-01-15,North,Milk 1L,1,10.00', ''].join('\n'),
        headers: { 'content-type': 'text/csv' },
      });
      expect(sent.status(), await sent.text()).toBe(202);
      return ended((await sent.json()).id, end);
    };
    const ended = async (id: string, end: string) => {
      await expect.poll(async () => (await (await request.get(`${address}/${id}`)).json()).status).toBe(end);
      return id;
    };
    const held = await run('filename=orders-of-january.csv&admission=after-confirmation', 'held');
    await rm(join(folder, 'raw', 'main'), { recursive: true });
    const released = await request.post(`${address}/${held}/release`, { data: { reason: 'looked at' } });
    const failed = await ended((await released.json()).id, 'failed');
    await page.goto(`${first.address}/runs/${failed}`);
    await expect(page.getByText('The raw file is no longer there. Nothing was loaded.')).toBeVisible();
    await expect(page.getByText(/file is kept/)).toHaveCount(0);
    await look(page, 'run-failed');
    await page.goto(`${first.address}/runs`);
    await look(page, 'runs-failed');
  } finally {
    await first.end();
  }
  // What reads the log by itself leaves one file, without what was only written ahead.
  await promisify(execFile)(process.env.TARAZU!, ['audit', 'verify', '--data-dir', folder]);
  await overwrite(join(folder, 'tarazu.db'), 'stage.ended', 'stage.edned');
  await overwrite(join(folder, 'tarazu.db'), 'run.held', 'run.hold');
  const second = await serve(folder);
  try {
    await page.goto(`${second.address}/audit`);
    const missing = page.getByRole('region', { name: 'Some of what happened has no entry' });
    await expect(missing.getByRole('listitem').filter({ hasText: 'no run.held' })).toHaveCount(1);
    await look(page, 'audit-missing');
  } finally {
    await second.end();
  }
});

/** A contract whose columns, lists and history are more than fit. */
async function askMuch(request: APIRequestContext, workspace: string) {
  const { contracts } = await (await request.get(`/api/v1/contracts?workspace=${workspace}`)).json();
  const { contract } = contracts[0];
  const long = 'what the branch office of the northern provinces calls the very same thing in its own files';
  const columns = Array.from({ length: 60 }, (_, at) => ({
    name: `column_${at}${at % 7 === 2 ? '_of_which_nobody_remembers_what_it_was_once_made_for'.repeat(2) : ''}`,
    type: 'text',
    list: at === 0 ? 'much' : null,
    aliases: Array.from({ length: at % 5 }, (_, alias) => `${long} ${at}.${alias}`),
  }));
  const entries = Array.from({ length: 400 }, (_, at) => ({
    value: `Product ${at}${at % 9 === 4 ? `, ${long}` : ''}`,
    synonyms: Array.from({ length: at % 12 }, (_, synonym) => `Name ${synonym} of product ${at}`),
  }));
  for (let version = 1; version <= 13; version++) {
    const data = {
      ...contract,
      version: `2.${version}.0`,
      columns: [...contract.columns, ...columns.slice(0, 5 * version)],
      lists: [...contract.lists, { name: 'much', entries: entries.slice(0, 40 * version) }],
    };
    const drafted = await request.post(`/api/v1/contracts/drafts?workspace=${workspace}&note=${encodeURIComponent(`${long} ${version}`)}`, { data });
    expect(drafted.status(), await drafted.text()).toBe(201);
    // The last one waits.
    if (version > 12) return;
    const adoption = `/api/v1/contracts/sales/versions/${version}/adoption?workspace=${workspace}`;
    const adopted = await request.post(adoption, { data: { reason: `${long}, said for the ${version}th time` } });
    expect(adopted.status(), await adopted.text()).toBe(200);
  }
}

test('pages hold long names and huge figures', async ({ page, request }) => {
  test.setTimeout(600_000);
  const id = await takeMuch(request, 'much');
  await askMuch(request, 'much');
  for (const [name, address] of [
    ...PAGES.filter((it) => it !== 'controls').map((it) => [it, `/${it}`]),
    ['home', ''],
    ['run', `/runs/${id}`],
    ['exception', `/runs/${id}/exceptions/5`],
    ['row', `/runs/${id}/rows/4`],
    ['search', '/search?q=much-'],
    ['controls', '/controls'],
    ['contract', '/controls/contracts/sales'],
    ['contract-draft', '/controls/contracts/sales?version=13'],
    ['contract-edit', '/controls/contracts/sales?edit=12'],
    ['list', '/controls/contracts/sales/lists/much'],
    ['grid', '/exceptions?view=grid'],
  ]) {
    await page.goto(`/w/much${address}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await look(page, `${name}-full`);
    await page.setViewportSize({ width: 1024, height: 900 });
    // Figures of a list stand below one another, and no name of a file takes more than three lines.
    const ragged = await page.locator('.facet ul').evaluateAll((lists) => {
      const ends = (list: Element) => [...list.querySelectorAll('.facet-line > :nth-child(2)')].map((it) => Math.round(it.getBoundingClientRect().right));
      return lists.filter((it) => new Set(ends(it)).size > 1).map((it) => it.textContent);
    });
    expect.soft(ragged, name).toEqual([]);
    // What can be done with a row is in sight without scrolling to the end of its cells.
    const unseen = await page.locator('.work-grid .facts > a').evaluateAll((all) => {
      const end = (it: Element) => it.getBoundingClientRect().right;
      return all.filter((it) => end(it) > end(it.closest('.wide')!)).map((it) => it.id);
    });
    expect.soft(unseen, name).toEqual([]);
    const high = await page.locator(':is(.runs, .quality-runs) th[scope="row"] a').evaluateAll((all) => {
      const lines = (it: Element) => it.clientHeight / parseFloat(getComputedStyle(it).lineHeight);
      return all.filter((it) => lines(it) > 3.5).map((it) => it.textContent);
    });
    expect.soft(high, name).toEqual([]);
  }
  const file = (name: string, buffer: Buffer) => choose(page, { name, mimeType: 'application/octet-stream', buffer });
  await page.goto('/verify');
  const { name, text } = much('more');
  await file(name.replace('.csv', '.zip'), await (await request.get(`/api/v1/runs/${id}/evidence.zip?workspace=much`)).body());
  await expect(page.getByText(/final\.zip holds\.$/)).toBeVisible({ timeout: 30_000 });
  await look(page, 'verify-full');
  await openCheck(page, '/w/more');
  await file(name, Buffer.from(text));
  await expect(verdict(page)).toBeVisible();
  await look(page, 'check-full');
});

test('a page whose answer takes its time says so and keeps its place', async ({ page }) => {
  test.setTimeout(600_000);
  await open(page);
  let letGo = () => {};
  for (const [name, address] of ALL) {
    const gone = new Promise<void>((done) => (letGo = done));
    await page.route('**/pages/**', async (route) => {
      await gone;
      await route.continue();
    });
    await enter(page, `/${address}`);
    await expect(page.getByText('Loading …').first()).toBeVisible();
    await look(page, `${name}-loading`);
    letGo();
    await expect(page.getByText('Loading …')).toHaveCount(0);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await enter(page, '/verify');
  }
});

test('a page without an answer says what happened, and what to do', async ({ page }) => {
  test.setTimeout(600_000);
  await open(page);
  let broken = false;
  await page.route('**/pages/**', (route) =>
    broken
      ? route.fulfill({ status: 500, json: { internal: { request_id: 'req_01J9ZK3W5N7M8Q2R4T6V8X0Y1Z' } } })
      : route.abort(),
  );
  for (const [name, address] of ALL) {
    for (broken of [false, true]) {
      await enter(page, `/${address}`);
      const says = broken ? 'The server could not answer' : 'The server cannot be reached';
      await expect(page.getByRole('heading', { name: says }).first()).toBeVisible();
      if (broken || ['sales', 'home'].includes(name)) {
        await look(page, `${name}-${broken ? 'error' : 'away'}`);
      }
      await enter(page, '/verify');
    }
  }
  await enter(page, '/sales');
  await page.unrouteAll();
  await page.getByRole('link', { name: 'Reload the page' }).first().click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1, name: 'Sales' })).toBeVisible();
});

/** A way to the server on which a page comes up to a text of it, and the rest a moment later. */
async function inHalves(target: string, text: string) {
  const server = createServer(async (request, response) => {
    const answer = await fetch(new URL(request.url ?? '/', target));
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    const middle = body.indexOf(text);
    const isPage = answer.headers.get('content-type')?.startsWith('text/html');
    if (!isPage || middle < 0) return response.end(body);
    response.write(body.subarray(0, middle));
    setTimeout(() => response.end(body.subarray(middle)), 500);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

test('nothing moves when the programs arrive', async ({ page, request }) => {
  await takeMuch(request, 'still');
  await watchMoves(page);
  for (const width of [360, 1024, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    for (const address of ['', '/runs', '/sales', '/quality', '/exceptions', '/rows', '/audit', '/controls']) {
      await page.goto(`/w/still${address}`);
      await expect(page.locator('.frame')).toHaveClass(/awake/);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      expect.soft(await moves(page), `${address} at ${width} px`).toEqual([]);
    }
  }
});

test('nothing moves when a filter is changed', async ({ page, request }) => {
  await takeYear(request, 'calm');
  await watchMoves(page);
  for (const [address, list, value] of [
    ['sales', 'Region', 'North'],
    ['sales', 'Period', 'last-30-days'],
    ['quality', 'Region', 'North'],
    ['exceptions', 'Region', 'North'],
    ['rows', 'Region', 'North'],
  ]) {
    await page.goto(`/w/calm/${address}`);
    await expect(page.locator('.frame')).toHaveClass(/awake/);
    const answered = page.waitForResponse((it) => it.url().includes('/pages/'));
    await page.getByRole('combobox', { name: list, exact: true }).selectOption(value);
    await expect(page).toHaveURL(new RegExp(value));
    await (await answered).finished();
    await expect(page.getByText('Loading …')).toHaveCount(0);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    expect.soft(await moves(page), `${list} of ${address}`).toEqual([]);
  }
});

test('nothing moves when a page comes in two halves', async ({ page, baseURL }) => {
  const way = await inHalves(baseURL ?? '', 'Drop a sales file here');
  await page.setViewportSize({ width: 360, height: 900 });
  await watchMoves(page);
  await page.goto(way.address);
  await expect(page.locator('.frame')).toHaveClass(/awake/);
  expect(await moves(page)).toEqual([]);
  way.close();
});
