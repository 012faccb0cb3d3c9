import { count, money } from './sales';
import { expect, test } from './test';
import { takeYear } from './year';

test('a filter changes the figures, stays in the address, and a bar leads on, and a chart is copied', async ({ page, request, context }) => {
  const year = await takeYear(request, 'year');
  const revenue = page.locator('.key-figures strong').first();
  await page.goto('/w/year/sales');
  await expect(revenue).toHaveAttribute('title', money(year.revenue));
  await expect(page.getByText(`Rests on ${year.runs.length} runs`)).toBeVisible();
  await expect(page.locator('.key-figures')).toContainText(count(year.rows));
  await expect(page.getByRole('button', { name: 'Apply' })).toBeHidden();

  const region = page.getByRole('combobox', { name: 'Region' });
  await region.focus();
  await region.selectOption('North');
  await expect(page).toHaveURL(/region=North/);
  await expect(revenue).toHaveAttribute('title', money(year.regions.North));
  await expect(region).toBeFocused();
  // The drawing is of the filter, too.
  const regions = page.getByRole('figure').filter({ hasText: 'Revenue by region' });
  await expect(regions.getByRole('link', { name: `North: ${money(year.regions.North)} · 100.00 %` })).toBeVisible();
  await expect(regions.getByRole('link', { name: /^East: / })).toHaveCount(0);
  await page.reload();
  await expect(revenue).toHaveAttribute('title', money(year.regions.North));
  await expect(region).toHaveValue('North');
  await page.goBack();
  await expect(page).not.toHaveURL(/region/);
  await expect(revenue).toHaveAttribute('title', money(year.revenue));

  await page.getByRole('link', { name: /^East: / }).click();
  await expect(page).toHaveURL(/region=East/);
  await expect(revenue).toHaveAttribute('title', money(year.regions.East));
  await expect(region).toHaveValue('East');
  // What is shown goes out: each of its rows, and no other.
  const out = await page.getByRole('link', { name: 'CSV', exact: true }).getAttribute('href');
  const lines = (await (await request.get(out ?? '')).text()).trimEnd().split('\n').slice(1);
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.filter((it) => !it.includes('East'))).toEqual([]);
  await page.getByRole('link', { name: 'Clear' }).click();
  await expect(revenue).toHaveAttribute('title', money(year.revenue));

  // By SKU: the table behind the bars, one of them alone, and its rows, which go out as they are shown.
  const milk = year.products['Milk 1L'];
  const skus = page.getByRole('figure').filter({ hasText: 'Revenue by SKU' });
  await expect(skus.getByRole('link')).toHaveCount(11);
  await skus.getByRole('link', { name: /^6 others: / }).click();
  await expect(page).toHaveURL(/\/sales\?table=sku#by-sku$/);
  await expect(skus.getByRole('row', { name: /^SKU-MLK-1L Milk 1L / })).toContainText(`${count(milk.rows)}`);
  await expect(skus.getByRole('row', { name: /^SKU-MLK-1L / })).toContainText(money(milk.revenue));
  // Those without a bar of their own stand there, too, and each leads on.
  const last = skus.getByRole('row').last();
  const sku = await last.getByRole('rowheader').innerText();
  const [, , , sold] = await last.getByRole('cell').allInnerTexts();
  await last.getByRole('link').click();
  await expect(page.getByRole('combobox', { name: 'SKU' })).toHaveValue(sku);
  await expect(revenue).toHaveAttribute('title', sold);
  await page.goBack();
  await expect(revenue).toHaveAttribute('title', money(year.revenue));
  await page.getByRole('combobox', { name: 'SKU' }).selectOption('SKU-MLK-1L');
  await expect(page).toHaveURL(/sku=SKU-MLK-1L/);
  await expect(revenue).toHaveAttribute('title', money(milk.revenue));
  await skus.getByRole('link', { name: `SKU-MLK-1L · Milk 1L: ${money(milk.revenue)}` }).click();
  await expect(page).toHaveURL(/\/rows\?sku=SKU-MLK-1L/);
  await expect(page.locator('.rows-total')).toHaveText(`${count(milk.rows)} rows · ${money(milk.revenue)}`);
  await expect(page.getByRole('combobox', { name: 'SKU' })).toHaveValue('SKU-MLK-1L');
  const link = page.getByRole('link', { name: 'CSV', exact: true });
  const csv = await (await request.get((await link.getAttribute('href')) ?? '')).text();
  expect(csv.trimEnd().split('\n')).toHaveLength(milk.rows + 1);
  await page.goto('/w/year/sales');

  // What is compared says with what.
  await page.getByRole('combobox', { name: 'Period' }).selectOption('last-30-days');
  await expect(page.getByText(/, compared with /)).toBeVisible();
  await expect(page.locator('.change').first()).toContainText(/(up|down) [\d.]+ % from/);
  await page.getByRole('link', { name: 'week', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Revenue per week' })).toBeVisible();
  await expect(page).toHaveURL(/period=last-30-days.*by=week/);

  // Charts are copied as drawings and as pictures: one with all that is promised of it, then each of each page.
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const figure = page.getByRole('figure').filter({ hasText: 'Revenue by region' });
  await figure.getByRole('button', { name: /^Copy as SVG/ }).click();
  await expect(figure.getByText('Copied')).toBeVisible();
  const svg = await page.evaluate(() => navigator.clipboard.readText());
  expect(svg).toContain('Revenue by region');
  expect(svg).toMatch(/^<svg [^>]*width="\d/);
  expect(svg).not.toContain('class=');
  // Every program knows these colours.
  expect(svg.match(/fill="[^"]*"/g)?.filter((it) => !/"(none|#[0-9a-f]{6})"/.test(it))).toEqual([]);
  await figure.getByRole('button', { name: /^Copy as PNG/ }).click();
  const types = () => page.evaluate(async () => (await navigator.clipboard.read()).flatMap((it) => it.types));
  await expect.poll(types).toContain('image/png');
  // The next picture is not taken for this one.
  await page.evaluate(() => navigator.clipboard.writeText(''));
  for (const [address, charts] of [
    ['sales', 6],
    ['quality', 2],
    ['exceptions?measure=money', 1],
    [`runs/${year.runs[0]}`, 3],
  ] as const) {
    await page.goto(`/w/year/${address}`);
    await expect(page.locator('.frame')).toHaveClass(/awake/);
    const figures = page.getByRole('figure').filter({ has: page.locator('[data-copy]') });
    await expect(figures).toHaveCount(charts);
    for (const it of await figures.all()) {
      const title = await it.getByRole('heading').innerText();
      await it.getByRole('button', { name: `Copy as PNG: ${title}` }).click();
      await expect.poll(types).toEqual(['image/png']);
      await it.getByRole('button', { name: `Copy as SVG: ${title}` }).click();
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/^<svg /);
      expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(title);
    }
  }

  // At home the same stands beside the drop zone.
  await page.goto('/w/year');
  const glance = page.getByRole('region', { name: 'At a glance' });
  await expect(glance).toContainText('Waiting for someone');
  await glance.getByRole('link', { name: 'North' }).click();
  await expect(page).toHaveURL(/\/w\/year\/sales\?period=(month-to-date|last-month)&region=North$/);
  await expect(region).toHaveValue('North');
  await page.goto('/w/nobody');
  await expect(page.getByText('Tarazu reads a sales file')).toBeVisible();

  // A button that is pressed again while it says that it copied gets its own name back all the same.
  await page.clock.install();
  await page.goto('/w/year/sales');
  const again = figure.getByRole('button', { name: /^Copy as SVG/ });
  await expect(async () => {
    await again.click();
    await expect(again).toHaveText('Copied', { timeout: 1_000 });
  }).toPass();
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await again.click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('<svg');
  await page.clock.runFor(10_000);
  await expect(again).toHaveText('SVG');
});
