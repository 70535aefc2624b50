// Loads a CSV of clients into a DuckDB file and makes six indexes; prints what it took. For bench/loading_table.
//   node duckdb_load.mjs CSV DATABASE        with @duckdb/node-api installed beside this file or the current folder
import { createRequire } from 'node:module';
import { statSync } from 'node:fs';
import path from 'node:path';

const { DuckDBInstance } = createRequire(path.join(process.cwd(), 'index.js'))('@duckdb/node-api');
const [csv, database] = process.argv.slice(2);
const start = process.hrtime.bigint();
const connection = await (await DuckDBInstance.create(database)).connect();
await connection.run(`create table clients as select * from read_csv('${csv}', header = true)`);
const loaded = process.hrtime.bigint();
for (const column of ['id', 'lower(email)', 'status', 'country_code', 'created_at', 'lower("companyName")'])
  await connection.run(`create index "by_${column.replace(/\W/g, '')}" on clients (${column.includes('(') ? `(${column})` : column})`);
await connection.run('checkpoint');
const end = process.hrtime.bigint();
const rows = (await (await connection.run('select count(*) from clients')).getRows())[0][0];
const seconds = (from, to) => (Number(to - from) / 1e9).toFixed(1);
console.log(`DuckDB, ${rows} clients of the CSV: ${seconds(start, loaded)} s for the table, ${seconds(start, end)} s with six indexes, ` +
            `peak ${process.resourceUsage().maxRSS} KB, file of ${statSync(database).size} bytes`);
