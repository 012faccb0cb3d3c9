// What an auditor does: verify the chain, judge a run again, and take its report along on paper.
import { readFile } from 'node:fs/promises';
import { words } from './pdf';
import { count, HEADER, money, write } from './sales';
import { expect, test } from './test';
import { takeYear } from './year';

/** Letters alone: where a line ends is the printer's. */
const plain = (text: string) => text.replace(/\s+/g, '');

test('an auditor verifies the chain, has a run judged again, and prints its report', async ({ page, request }, info) => {
  const path = info.outputPath('printed.csv');
  const truth = await write(path, 1_000, 'printed');
  const sent = await request.post('/api/v1/runs?filename=printed.csv', {
    data: await readFile(path),
    headers: { 'content-type': 'text/csv' },
  });
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}`)).json();
  await expect.poll(async () => (await run()).status, { timeout: 60_000 }).toBe('complete');

  await page.goto('/audit');
  await page.getByRole('link', { name: 'Verify the chain in this browser' }).click();
  await expect(page.getByText('audit-main.ndjson holds.')).toBeVisible({ timeout: 30_000 });

  await page.goto(`/runs/${id}`);
  await page.getByRole('link', { name: 'Proof' }).click();
  await expect(page).toHaveURL(`/audit?run=${id}`);
  await page.getByRole('button', { name: "Judge this run's file again" }).click();
  await expect(page.getByRole('status')).toContainText('exactly what is kept of this run', { timeout: 30_000 });
  await expect(page.getByRole('row').nth(1)).toContainText('run.replayed');
  await page.getByRole('link', { name: 'To the run' }).click();
  await expect(page).toHaveURL(`/runs/${id}`);

  await expect(page.getByRole('heading', { name: 'All controls' })).toBeVisible();
  const pdf = await page.pdf({ preferCSSPageSize: true, path: 'results/pages/run.pdf' });
  const pages = words(pdf);
  const report = plain(pages.join(''));
  const verdict = await run();
  for (const text of [
    'printed.csv',
    id,
    verdict.file_digest,
    verdict.verdict.receipt.digest,
    `${count(truth.accepted)} rows with ${money(truth.moneyAccepted)} went into the ledger`,
    money(truth.moneyExceptions),
    'All controls',
    'A cell is no date in a form that the contract lists',
    'From the file to the ledger',
    `1 / ${pages.length}`,
  ]) {
    expect(report, text).toContain(plain(text));
  }
  // What can only be clicked is not on paper.
  for (const text of ['Withdraw this file', 'Work these exceptions', 'Skip to the content', 'Sample workspace', 'Downloads']) {
    expect(report, text).not.toContain(plain(text));
  }
  // The table of rows goes over pages, and each has its head.
  const goesOn = pages.filter((it) => plain(it).includes(plain('order_id order_date region')));
  expect(goesOn.length).toBeGreaterThan(1);
});

test('a dashboard on paper says what it is of, and has all its rows', async ({ page, request }) => {
  const year = await takeYear(request, 'paper');
  const print = async (address: string, name: string) => {
    await page.goto(`/w/paper${address}`);
    await expect(page.locator('.frame')).toHaveClass(/awake/);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const printed = plain(words(await page.pdf({ preferCSSPageSize: true, path: `results/pages/${name}.pdf` })).join(''));
    // Of which workspace, and of what time.
    expect(printed).toMatch(/Tarazu·paper·printed\d+\w+\d{4},\d\d:\d\d,Indiantime/);
    return printed;
  };
  const sales = await print('/sales?region=North', 'sales');
  for (const text of ['Sales', 'Region:North', 'Rests on', 'Revenue by category']) expect(sales).toContain(plain(text));
  expect(sales).not.toContain('Apply');

  const quality = await print('/quality', 'quality');
  for (let file = 1; file <= 24; file++) expect(quality).toContain(`paper-${String(file).padStart(2, '0')}.csv`);

  const exceptions = await print('/exceptions', 'exceptions');
  for (const text of ['Exceptions', 'at stake', 'order_id']) expect(exceptions).toContain(plain(text));
  expect(exceptions).not.toContain(plain('Let in as it is'));

  const audit = await print('/audit', 'audit');
  expect(audit).toContain(plain('Everything that happened has its entry'));
  for (const run of year.runs.slice(-3)) expect(audit).toContain(run.slice(-8));

  const rows = await print('/rows', 'rows');
  for (const text of ['Unit price', 'Revenue', 'From']) expect(rows).toContain(plain(text));

  // The file of a correction is called as the one that its rows are of; its report says what it is.
  const { runs } = await (await request.get('/api/v1/runs?workspace=paper')).json();
  const correction = runs.find((it: { kind: string }) => it.kind === 'correction');
  const report = await print(`/runs/${correction.id}`, 'correction');
  for (const text of [`${correction.file_name} (corrections)`, `A correction of the run ${correction.origin}`]) {
    expect(report).toContain(plain(text));
  }
});

/** In pixels, what A4 has between its margins. */
const [UPRIGHT, ACROSS] = [695, 1024];

test('tables of many columns end within the paper', async ({ page, request }) => {
  const year = await takeYear(request, 'columns');
  const more = Array.from({ length: 14 }, (_, at) => `remark_of_the_shop_${at}`);
  const lines = Array.from({ length: 8 }, (_, at) => {
    const remarks = more.map((_, it) => (it === 3 ? 'without_a_blank_'.repeat(6) : 'as agreed with the shop'));
    return ['w-' + at, '2026-01-15', at < 3 ? 'Nort' : 'North', 'Milk 1L', '1', '10.00', ...remarks].join(',');
  });
  const sent = await request.post('/api/v1/runs?filename=wide.csv&workspace=broad', {
    data: `${[[HEADER, ...more].join(','), ...lines].join('\n')}\n`,
    headers: { 'content-type': 'text/csv' },
  });
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=broad`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');

  await page.emulateMedia({ media: 'print' });
  for (const [address, width] of [
    ['/w/columns/rows', ACROSS],
    ['/w/columns/rows?state=withdrawn', ACROSS],
    ['/w/columns/audit', ACROSS],
    ['/w/columns/exceptions', UPRIGHT],
    ['/w/columns/exceptions?view=grid', ACROSS],
    ['/w/columns/runs', UPRIGHT],
    [`/w/columns/runs/${year.runs[0]}`, UPRIGHT],
    ['/w/broad/exceptions', ACROSS],
    [`/w/broad/runs/${id}`, ACROSS],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(address);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const ends = await page.evaluate(() => [...document.querySelectorAll('main table')].map((it) => Math.floor(it.getBoundingClientRect().right)));
    expect(Math.max(0, ...ends), address).toBeLessThanOrEqual(width);
  }
});
