// A year of sales in a workspace of its own, up to yesterday: 24 files, sent by the interface as any other. What is true
// of them is counted here.
import { expect, type APIRequestContext } from '@playwright/test';
import { HEADER } from './sales';

const FILES = 24;
/** Half months, so that the last one ends yesterday. */
const DAYS = 15;
/** None of its rows may enter: its days are a hole in every trend. */
const WITHDRAWN = 7;
/** Too many of its rows are wrong. */
const HELD = 11;
/** Some of its exceptions are put right by hand. */
const CORRECTED = 3;
const MENDED = 4;
/** A file without faults takes its place. */
const REPLACED = 15;

const REGIONS = ['North', 'South', 'East', 'West', 'Central'];
const WEIGHTS = [9, 6, 7, 4, 3];
const PRODUCTS = [
  'Tomato Ketchup 500g', 'Chili Sauce 250g', 'Soy Sauce 200ml', 'Paneer Curry Ready Meal', 'Dal Tadka Ready Meal',
  'Chicken Biryani Ready Meal', 'Milk 1L', 'Yogurt 500g', 'Paneer 200g', 'Cheese Spread 100g', 'Potato Chips 50g',
  'Namkeen Mix 100g', 'Biscuits 200g', 'Cola 500ml', 'Mango Juice 1L', 'Water Bottle 1L',
];

export interface Year {
  workspace: string;
  /** Runs that count, newest last. */
  runs: string[];
  rows: number;
  /** In paise, of rows that count. */
  revenue: number;
  regions: Record<string, number>;
  /** By product. */
  products: Record<string, { rows: number; revenue: number }>;
  /** Exceptions that are open. */
  open: { rows: number; money: number };
}

/** A row of a file, as it ought to be, and what is wrong with it. */
interface Row {
  cells: string[];
  fault?: { region: string } | { quantity: string };
  region: string;
  product: string;
  paise: number;
}

/** Sends the year; `rows` a file. A workspace that has it already keeps it. */
export async function takeYear(request: APIRequestContext, workspace: string, rows = 300): Promise<Year> {
  const year: Year = { workspace, runs: [], rows: 0, revenue: 0, regions: {}, products: {}, open: { rows: 0, money: 0 } };
  const draw = drawing(20_260_401);
  const enter = ({ region, product, paise }: Row) => {
    year.rows += 1;
    year.revenue += paise;
    year.regions[region] = (year.regions[region] ?? 0) + paise;
    const sold = (year.products[product] ??= { rows: 0, revenue: 0 });
    sold.rows += 1;
    sold.revenue += paise;
  };
  for (let file = 0; file < FILES; file++) {
    const all: Row[] = [];
    for (let row = 0; row < rows; row++) {
      const region = REGIONS[weighted(draw)];
      // More is sold from month to month, and more in spring.
      const season = 1 + file / 40 + 0.35 * Math.sin((file / FILES) * 2 * Math.PI);
      const place = Math.floor(draw() ** 1.6 * PRODUCTS.length);
      const paise = Math.round((5_000 + draw() * 120_000) * season * (1 + place / 20));
      const isWrong = file === HELD ? row % 5 < 3 : (row * 7 + file * 3) % 100 < 3 + (file % 7);
      const date = day(DAYS * (FILES - file) - Math.floor(draw() * DAYS));
      const wrong = row % 2 === 0 ? { region } : { quantity: '2' };
      const isSold = isWrong && row % 2 === 1;
      const quantity = isSold ? '2' : String(1 + Math.floor(draw() * 9));
      const product = PRODUCTS[place];
      all.push({
        cells: [`${workspace}-${file}-${row}`, date, region, product, quantity, (paise / 100).toFixed(2)],
        fault: isWrong ? wrong : undefined,
        region,
        product,
        paise,
      });
    }
    const name = `${workspace}-${String(file + 1).padStart(2, '0')}`;
    const id = await send(request, `filename=${name}.csv&workspace=${workspace}`, all.map(asItCame), file === HELD ? 'held' : 'complete');
    const run = `/api/v1/runs/${id}`;
    if (file === HELD) continue;
    if (file === WITHDRAWN) {
      await act(request, `${run}/withdrawal?workspace=${workspace}`, { reason: 'sent twice' });
      continue;
    }
    if (file === REPLACED) {
      const query = `filename=${name}-again.csv&workspace=${workspace}&replaces=${id}`;
      year.runs.push(await send(request, query, all.map((it) => it.cells), 'complete'));
      all.forEach(enter);
      continue;
    }
    year.runs.push(id);
    let mended = 0;
    for (const [at, row] of all.entries()) {
      if (row.fault && file === CORRECTED && mended < MENDED) {
        mended += 1;
        const path = `${run}/exceptions/${at + 1}/corrections?workspace=${workspace}`;
        await act(request, path, { version: 1, cells: row.fault, reason: 'the shop told us' });
      } else if (row.fault) {
        year.open.rows += 1;
        year.open.money += row.paise;
        continue;
      }
      enter(row);
    }
  }
  return year;
}

function asItCame({ cells, fault }: Row): string[] {
  const [id, date, region, product, quantity, revenue] = cells;
  const without = fault && 'region' in fault;
  const none = fault && 'quantity' in fault;
  return [id, date, without ? '' : region, product, none ? '0' : quantity, revenue];
}

/** Hands a file in and follows its run to this end. */
async function send(request: APIRequestContext, query: string, rows: string[][], end: string): Promise<string> {
  const sent = await request.post(`/api/v1/runs?${query}`, {
    data: [HEADER, ...rows.map((it) => it.join(','))].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status(), await sent.text()).toBe(202);
  const { id, workspace } = await sent.json();
  const status = async () => (await (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json()).status;
  await expect.poll(status, { timeout: 60_000 }).toBe(end);
  return id;
}

async function act(request: APIRequestContext, path: string, data: object): Promise<void> {
  const done = await request.post(path, { data });
  expect(done.ok(), await done.text()).toBe(true);
}

/** So many days before today. */
function day(back: number): string {
  return new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
}

/** Numbers from 0 to 1 that look drawn and are always the same. */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function weighted(draw: () => number): number {
  let at = draw() * WEIGHTS.reduce((sum, it) => sum + it, 0);
  return Math.max(0, WEIGHTS.findIndex((it) => (at -= it) < 0));
}
