// Sales files with planted faults, and what is true of them, counted here and not by the engine.
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

export interface Truth {
  read: number;
  accepted: number;
  exceptions: number;
  /** In paise. */
  moneyRead: number;
  moneyAccepted: number;
  moneyExceptions: number;
  /** Failed rows by the code of the control that must find them. */
  failed: Record<string, number>;
  /** Accepted paise. */
  regions: Record<string, number>;
}

const REGIONS = ['North', 'South', 'East', 'West', 'Central'];
const PRODUCTS = ['Tomato Ketchup 500g', 'Dal Tadka Ready Meal', 'Milk 1L', 'Namkeen Mix 100g', 'Cola 500ml'];

export const HEADER = 'order_id,order_date,region,product,quantity,revenue';

/** Of fifty rows in a row five are bad, each in its own way. */
const FAULTS: Record<number, string> = { 7: 'CMP01', 17: 'VAL03', 27: 'VAL06', 37: 'UNQ01', 47: 'VAL05' };

/** Writes the file and returns what is true of it. No two files of different `prefix` share a key. */
export async function write(path: string, rows: number, prefix: string): Promise<Truth> {
  const truth: Truth = {
    read: rows,
    accepted: 0,
    exceptions: 0,
    moneyRead: 0,
    moneyAccepted: 0,
    moneyExceptions: 0,
    failed: { CMP01: 0, VAL03: 0, VAL06: 0, UNQ01: 0, VAL05: 0 },
    regions: {},
  };
  const file = createWriteStream(path);
  let block = `${HEADER}\n`;
  for (let i = 0; i < rows; i++) {
    const fault = FAULTS[i % 50];
    const region = REGIONS[i % 5];
    const paise = (fault === 'VAL06' ? -1 : 1) * (((i * 7919) % 250_000) + 100);
    const cells = [
      `${prefix}-${fault === 'UNQ01' ? i - 1 : i}`,
      fault === 'CMP01' ? '' : fault === 'VAL03' ? 'invalid_date' : day(i),
      fault === 'VAL05' ? 'Atlantis' : region,
      PRODUCTS[i % PRODUCTS.length],
      String(1 + (i % 9)),
      (paise / 100).toFixed(2),
    ];
    block += `${cells.join(',')}\n`;
    truth.moneyRead += paise;
    if (fault) {
      truth.exceptions += 1;
      truth.failed[fault] += 1;
      truth.moneyExceptions += paise;
    } else {
      truth.accepted += 1;
      truth.moneyAccepted += paise;
      truth.regions[region] = (truth.regions[region] ?? 0) + paise;
    }
    if (block.length > 1 << 20) {
      if (!file.write(block)) await once(file, 'drain');
      block = '';
    }
  }
  file.end(block);
  await once(file, 'finish');
  return truth;
}

/** Every day of 2025 in turn. */
function day(i: number): string {
  return new Date(Date.UTC(2025, 0, 1 + (i % 365))).toISOString().slice(0, 10);
}

/** `4376` as `4,376`, `148200` as `1,48,200`. */
export function count(number: number): string {
  return number.toLocaleString('en-IN');
}

/** Paise as `₹2,87,86,763.77`. */
export function money(paise: number): string {
  const whole = Math.abs(paise);
  const part = String(whole % 100).padStart(2, '0');
  return `${paise < 0 ? '-' : ''}₹${count(Math.floor(whole / 100))}.${part}`;
}
