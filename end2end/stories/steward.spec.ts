import { glance } from './looks';
import { expect, test } from './test';

const HEADER = 'order_id,order_date,region,product,quantity,revenue';

test('a steward works through the list: corrects, waives, judges again, replaces, and the next one opens', async ({ page, request }, info) => {
  const sound = Array.from({ length: 20 }, (_, at) => `WORK-${at},2026-01-15,North,Milk 1L,1,10.00`);
  const rows = [
    'WORK-20,2026-01-15,Nort,Milk 1L,1,20.00',
    'WORK-21,2026-01-15,Nort,Milk 1L,1,30.00',
    'WORK-22,2026-01-15,East,Milk 1L,1,-40.00',
    'WORK-23,2026-01-15,,Milk 1L,1,50.00',
    'WORK-24,2026-01-15,East,Milk 1L,two,60.00',
  ];
  const sent = await request.post('/api/v1/runs?filename=work.csv&workspace=work', {
    data: [HEADER, ...sound, ...rows, ''].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status()).toBe(202);
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=work`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');

  await page.goto('/w/work');
  await page.getByRole('link', { name: /^Exceptions 5/ }).click();
  await expect(page.getByText('5 exceptions open')).toBeVisible();
  await expect(page.getByText('₹120.00 at stake')).toBeVisible();

  // What is wrong is within its frame.
  const touching = await page.locator('.work-grid td.fault').evaluateAll((cells) => {
    const room = (cell: Element) => {
      const text = document.createRange();
      text.selectNodeContents(cell);
      return cell.getBoundingClientRect().right - text.getBoundingClientRect().right;
    };
    return cells.filter((it) => room(it) < 3).map((it) => it.textContent);
  });
  expect(touching).toEqual([]);

  // Narrowed by a bar, and back.
  await page.getByRole('link', { name: /Business rule broken/ }).click();
  await expect(page).toHaveURL(/category=BUSINESS/);
  await expect(page.getByText('3 exceptions open')).toBeVisible();
  await page.getByRole('link', { name: 'Clear' }).click();
  await expect(page.getByText('5 exceptions open')).toBeVisible();

  // By what the rows sell, kept in the address.
  await page.getByRole('link', { name: /^Dairy Products/ }).click();
  await expect(page).toHaveURL(/product_category=Dairy/);
  await page.getByRole('combobox', { name: 'Product', exact: true }).selectOption('Milk 1L (SKU-MLK-1L)');
  await expect(page).toHaveURL(/product=Milk/);
  await expect(page.getByText('5 exceptions open')).toBeVisible();
  await page.getByRole('link', { name: 'Clear' }).click();
  await expect(page.getByRole('link', { name: 'Clear' })).toHaveCount(0);

  // Corrected in its place.
  await page.getByRole('link', { name: 'Correct here: Line 25 of work.csv' }).click();
  const judged = page.getByRole('status').filter({ hasText: /./ });
  await page.getByRole('textbox', { name: 'region' }).fill('Nowhere');
  await expect(judged).toContainText('"Nowhere"');
  await page.getByRole('textbox', { name: 'region' }).fill('West');
  await expect(judged).toContainText('As it stands, it passes.');
  await glance(page, 'exceptions-edit');
  await page.getByRole('button', { name: 'Judge and save' }).click();
  await expect(page.getByRole('status')).toContainText('1 row corrected: in the ledger now.');
  await expect(page.getByText('4 exceptions open')).toBeVisible();

  // That is told once: not in the address that somebody is sent, and not when the page is loaded again.
  await expect(page).not.toHaveURL(/did=|changed=/);
  await expect(page.getByRole('status')).toContainText('1 row corrected: in the ledger now.');
  await page.reload();
  await expect(page.getByText('4 exceptions open')).toBeVisible();
  await expect(page.getByText('1 row corrected')).toHaveCount(0);

  // One by one, from the list: after an act the next one opens.
  await page.getByRole('link', { name: 'Line 26 of work.csv', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Exception 25' })).toBeVisible();
  await page.getByRole('button', { name: 'Judge it again' }).click();
  await expect(page.getByRole('status').first()).toContainText('Nothing was changed.');
  await page.getByLabel('quantity', { exact: true }).fill('2');
  await page.getByRole('button', { name: 'Judge and save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Exception 23' })).toBeVisible();
  const waiver = page.locator('form').filter({ has: page.getByRole('button', { name: 'Let it in as it is' }) });
  await waiver.getByLabel('Why').fill('a refund');
  await waiver.getByRole('button').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Exception 22' })).toBeVisible();
  await expect(page.getByRole('status').first()).toContainText('1 row let in unchanged');
  await expect(page).not.toHaveURL(/did=/);
  await page.getByRole('link', { name: 'Back to the list' }).click();
  await expect(page.getByText('2 exceptions open')).toBeVisible();
  // Nor does Back tell it again.
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Exception 22' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'What is wrong' })).toBeVisible();
  await expect(page.getByText('let in unchanged')).toHaveCount(0);
  await page.goForward();
  await expect(page.getByText('2 exceptions open')).toBeVisible();

  // Chosen with Shift, given to somebody.
  await page.getByRole('checkbox', { name: 'Choose Line 23 of work.csv' }).check();
  await page.getByRole('checkbox', { name: 'Choose Line 22 of work.csv' }).click({ modifiers: ['Shift'] });
  await page.getByLabel('Why, a comment, or a name').fill('ravi');
  await page.screenshot({ path: info.outputPath('chosen.png') });
  await page.getByRole('button', { name: 'Assign' }).click();
  await expect(page.getByRole('status')).toContainText('2 rows assigned.');
  await expect(page.getByText('assigned to ravi')).toHaveCount(2);

  // Found and replaced, after a look at what comes of it.
  await page.getByText('Find and replace').click();
  await page.getByLabel('Column').selectOption('region');
  await page.getByLabel('Says').fill('Nort');
  await page.getByLabel('Shall say').fill('North');
  await page.getByRole('button', { name: 'Try' }).click();
  await expect(page.getByText('2 would enter the ledger')).toBeVisible();
  await page.getByRole('button', { name: 'Replace in 2 rows' }).click();
  await expect(page.getByRole('status')).toContainText('2 rows corrected: in the ledger now.');
  await expect(page.getByText('Nothing is open')).toBeVisible();

  const { exceptions } = await run();
  expect([exceptions.open.rows, exceptions.entered.rows, exceptions.rejected.rows]).toEqual([0, 5, 0]);

  await page.getByRole('link', { name: 'Quality', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'By control' })).toBeVisible();
  await expect(page.getByRole('row', { name: /VAL06/ })).toContainText('100.00 %');
});

test('quality tells what the newest file brought, by contract, by region, and to the rows', async ({ page, request }) => {
  const row = (key: string, region: string, product = 'Milk 1L') => `${key},2026-01-15,${region},${product},1,10.00`;
  const send = async (name: string, odd: string[]) => {
    const plain = Array.from({ length: 12 }, (_, at) => row(`${name}-${at}`, 'North'));
    const sent = await request.post(`/api/v1/runs?filename=${name}.csv&workspace=unknown`, {
      data: [HEADER, ...plain, ...odd, ''].join('\n'),
      headers: { 'content-type': 'text/csv' },
    });
    const { id } = await sent.json();
    const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=unknown`)).json();
    await expect.poll(async () => (await run()).status).toBe('complete');
    return id as string;
  };
  const monday = await send('monday', [row('m-1', 'Nort')]);
  const tuesday = await send('tuesday', [row('t-1', 'Nort'), row('t-2', 'Sout'), row('t-3', 'West', 'Sun Butter')]);

  await page.goto('/w/unknown/quality');
  const changed = page.getByRole('region', { name: 'What changed since last time' });
  await expect(changed).toContainText('Sout in region: 1 exception');
  await expect(changed).not.toContainText('Nort in region');
  await changed.getByRole('link', { name: '1 row in the ledger' }).click();
  await expect(page.getByRole('region', { name: 'Rows of the ledger' })).toContainText('Sun Butter');
  await page.goBack();
  await changed.getByRole('link', { name: '1 exception' }).click();
  await expect(page).toHaveURL(/q=Sout/);

  // Two files beside each other.
  await page.goto('/w/unknown/quality');
  const beside = page.getByRole('region', { name: 'Two files side by side' });
  await beside.getByRole('combobox', { name: 'This file' }).selectOption(monday);
  await beside.getByRole('combobox', { name: 'and this one' }).selectOption(tuesday);
  await beside.getByRole('button', { name: 'Compare' }).click();
  await expect(page).toHaveURL(/quality\?.*#compare$/);
  await expect(beside).toContainText('In tuesday.csv, 13.33 % of the rows failed; in monday.csv before it, 7.69 %: 5.64 points more.');
  const figures = beside.getByRole('row');
  await expect(figures.first()).toHaveText('Controlmonday.csvtuesday.csvDifference');
  for (const [name, ...cells] of [
    ['Rows read', '13', '15', ''],
    ['Exception rate', '7.69 %', '13.33 %', ''],
    ['VAL05', '1of 13', '2of 15', '+1'],
    ['REF01', '0of 13', '1of 15', '+1'],
  ]) {
    const line = figures.filter({ has: page.getByRole('rowheader', { name }) });
    await expect(line.getByRole('cell')).toHaveText(cells);
  }
  await glance(page, 'quality-compared');
  // Each of them leads to its rows.
  const regions = figures.filter({ has: page.getByRole('rowheader', { name: 'VAL05' }) });
  await regions.getByRole('link', { name: '2', exact: true }).click();
  await expect(page).toHaveURL(`/w/unknown/runs/${tuesday}?show=all&code=VAL05#rows`);

  await page.goto('/w/unknown/quality');
  await page.getByRole('combobox', { name: 'Region' }).selectOption('North');
  await expect(page).toHaveURL(/region=North/);
  await expect(page.getByText('24 rows, 0 exceptions')).toBeVisible();
});
