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
}

/** Sends the year; `rows` a file. A workspace that has it already keeps it. */
export async function takeYear(request: APIRequestContext, workspace: string, rows = 300): Promise<Year> {
  const year: Year = { workspace, runs: [], rows: 0, revenue: 0, regions: {}, products: {} };
  const draw = drawing(20_260_401);
  for (let file = 0; file < FILES; file++) {
    const counts = file !== WITHDRAWN && file !== HELD;
    const lines = [HEADER];
    for (let row = 0; row < rows; row++) {
      const region = weighted(draw);
      // More is sold from month to month, and more in spring.
      const season = 1 + file / 40 + 0.35 * Math.sin((file / FILES) * 2 * Math.PI);
      const product = Math.floor(draw() ** 1.6 * PRODUCTS.length);
      const paise = Math.round((5_000 + draw() * 120_000) * season * (1 + product / 20));
      const fault = file === HELD ? row % 5 < 3 : (row * 7 + file * 3) % 100 < 3 + (file % 7);
      const cells = [
        `${workspace}-${file}-${row}`,
        day(DAYS * (FILES - file) - Math.floor(draw() * DAYS)),
        fault && row % 2 === 0 ? '' : REGIONS[region],
        PRODUCTS[product],
        fault && row % 2 === 1 ? '0' : String(1 + Math.floor(draw() * 9)),
        (paise / 100).toFixed(2),
      ];
      lines.push(cells.join(','));
      if (counts && !fault) {
        year.rows += 1;
        year.revenue += paise;
        year.regions[REGIONS[region]] = (year.regions[REGIONS[region]] ?? 0) + paise;
        const sold = (year.products[PRODUCTS[product]] ??= { rows: 0, revenue: 0 });
        sold.rows += 1;
        sold.revenue += paise;
      }
    }
    const query = `filename=${workspace}-${String(file + 1).padStart(2, '0')}.csv&workspace=${workspace}`;
    const sent = await request.post(`/api/v1/runs?${query}`, {
      data: lines.join('\n'),
      headers: { 'content-type': 'text/csv' },
    });
    expect(sent.status(), await sent.text()).toBe(202);
    const { id } = await sent.json();
    const run = `/api/v1/runs/${id}`;
    const status = async () => (await (await request.get(`${run}?workspace=${workspace}`)).json()).status;
    await expect.poll(status, { timeout: 60_000 }).toBe(file === HELD ? 'held' : 'complete');
    if (counts) year.runs.push(id);
    if (file === WITHDRAWN) {
      const withdrawn = await request.post(`${run}/withdrawal?workspace=${workspace}`, {
        data: { reason: 'sent twice' },
      });
      expect(withdrawn.status(), await withdrawn.text()).toBe(200);
    }
  }
  return year;
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
