// Every page in the states that a reader seldom sees: nothing there yet, very much there, an answer that takes its
// time, and none at all. Each is looked at as the ordinary one is in appearance.spec.ts.
import type { APIRequestContext, Page } from '@playwright/test';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { look } from './looks';
import { HEADER } from './sales';
import { expect, test } from './test';

const PAGES = ['runs', 'sales', 'quality', 'exceptions', 'rows', 'audit', 'controls'] as const;

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
  const sent = await request.post(`/api/v1/runs?filename=${encodeURIComponent(name)}&workspace=${workspace}`, {
    data: [HEADER, ...lines].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status(), await sent.text()).toBe(202);
  const { id } = await sent.json();
  const status = async () => (await (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json()).status;
  await expect.poll(status, { timeout: 60_000 }).toBe('complete');
  return id;
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

test('pages hold long names and huge figures', async ({ page, request }) => {
  test.setTimeout(300_000);
  const id = await takeMuch(request, 'much');
  for (const [name, address] of [
    ...PAGES.filter((it) => it !== 'controls').map((it) => [it, `/${it}`]),
    ['home', ''],
    ['run', `/runs/${id}`],
    ['exception', `/runs/${id}/exceptions/5`],
    ['row', `/runs/${id}/rows/4`],
    ['search', '/search?q=much-'],
  ]) {
    await page.goto(`/w/much${address}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await look(page, `${name}-full`);
  }
});

test('a page whose answer takes its time says so and keeps its place', async ({ page }) => {
  test.setTimeout(300_000);
  await open(page);
  let letGo = () => {};
  for (const name of [...PAGES, 'runs/run_00000000000000000000000000000000', 'search?q=x']) {
    const gone = new Promise<void>((done) => (letGo = done));
    await page.route('**/pages/**', async (route) => {
      await gone;
      await route.continue();
    });
    await enter(page, `/${name}`);
    await expect(page.getByText('Loading …').first()).toBeVisible();
    await look(page, `${name.split(/[/?]/)[0]}${name.includes('/') ? '-one' : ''}-loading`);
    letGo();
    await expect(page.getByText('Loading …')).toHaveCount(0);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await enter(page, '/verify');
  }
});

test('a page without an answer says what happened, and what to do', async ({ page }) => {
  test.setTimeout(300_000);
  await open(page);
  let broken = false;
  await page.route('**/pages/**', (route) =>
    broken
      ? route.fulfill({ status: 500, json: { internal: { request_id: 'req_01J9ZK3W5N7M8Q2R4T6V8X0Y1Z' } } })
      : route.abort(),
  );
  for (const name of [...PAGES, 'runs/run_00000000000000000000000000000000']) {
    for (broken of [false, true]) {
      await enter(page, `/${name}`);
      const says = broken ? 'The server could not answer' : 'The server cannot be reached';
      await expect(page.getByRole('heading', { name: says }).first()).toBeVisible();
      if (broken || name === 'sales') {
        await look(page, `${name.split('/')[0]}${name.includes('/') ? '-one' : ''}-${broken ? 'error' : 'away'}`);
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

/** From the next page on, what moves without the reader's doing is noted. */
const watchMoves = (page: Page) =>
  page.addInitScript(() => {
    const moved: string[] = [];
    Object.assign(window, { moved });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; sources: { node?: Node }[] })[]) {
        moved.push(`${entry.value} ${entry.sources.map(({ node }) => (node as Element)?.className ?? node?.nodeName).join(', ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });

const moves = (page: Page) => page.evaluate(() => (window as unknown as { moved: string[] }).moved);

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

test('nothing moves when a page comes in two halves', async ({ page, baseURL }) => {
  const way = await inHalves(baseURL ?? '', 'Drop a sales file here');
  await page.setViewportSize({ width: 360, height: 900 });
  await watchMoves(page);
  await page.goto(way.address);
  await expect(page.locator('.frame')).toHaveClass(/awake/);
  expect(await moves(page)).toEqual([]);
  way.close();
});
