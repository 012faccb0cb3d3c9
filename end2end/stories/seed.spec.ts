import { join } from 'node:path';
import { drop, expectBalance, expectChart, expectFailed, open, runPage, submitButton, verdict } from './check';
import { money } from './sales';
import { expect, test } from './test';

test('the first real file gives its exact figures, here and there', async ({ page }) => {
  const folder = process.env.TARAZU_TRY_DATA;
  if (!folder) {
    console.log('not run: TARAZU_TRY_DATA does not say where the file is');
    return;
  }
  const truth = {
    read: 5_000,
    accepted: 4_376,
    exceptions: 624,
    moneyRead: 3_191_868_429,
    moneyAccepted: 2_878_676_377,
    moneyExceptions: 313_192_052,
    failed: { CMP01: 300, VAL03: 142, VAL06: 164, UNQ01: 83, VAL10: 1_094 },
    regions: { Central: 562_671_921, East: 584_803_856, North: 574_410_391, South: 566_543_369, West: 590_246_840 },
  };
  await open(page);
  await drop(page, join(folder, 'seed/sales_data.csv'));
  await expect(verdict(page)).toContainText('87.52 %');
  await expect(verdict(page)).toContainText('12.48 %');
  await expectBalance(page, truth);
  await expectFailed(page, truth.failed);
  await submitButton(page).click();
  await runPage(page);
  await expectBalance(page, truth);
  await expectFailed(page, truth.failed);
  await expect(page.getByText('server and browser agree')).toBeVisible();
  const regions = Object.entries(truth.regions).map(([region, paise]) => [region, money(paise)]);
  await expectChart(page, 'Revenue by region', Object.fromEntries(regions));
});
