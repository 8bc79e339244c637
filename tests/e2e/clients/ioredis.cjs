// SPDX-License-Identifier: MIT
// ioredis against redis-lite, as an application uses it. Arguments: port, password.
'use strict';
const assert = require('assert');
let Redis;
try {
	Redis = require('ioredis');
} catch (error) {
	console.log(error.message);
	process.exit(77);
}

async function main(port, password) {
	const client = new Redis(port, '127.0.0.1', { password, connectionName: 'io', db: 1 });

	assert.strictEqual(await client.set('key', 'value', 'EX', 100), 'OK');
	assert.strictEqual(await client.get('key'), 'value');
	assert.strictEqual(await client.get('none'), null);
	assert.deepStrictEqual(await client.mget('key', 'none'), ['value', null]);
	assert.strictEqual(await client.client('GETNAME'), 'io');
	assert.deepStrictEqual(await client.config('GET', 'save'), ['save', '']);
	assert.deepStrictEqual(await client.pipeline().incr('n').get('n').exec(),
			       [[null, 1], [null, '1']]);
	assert.deepStrictEqual(await client.multi().set('a', 1).incr('a').exec(),
			       [[null, 'OK'], [null, 2]]);
	await client.watch('a');
	await client.set('a', 5);
	assert.strictEqual(await client.multi().get('a').exec(), null);
	const keys = [];
	for await (const some of client.scanStream({ match: '?' })) {
		keys.push(...some);
	}
	assert.deepStrictEqual(keys.sort(), ['a', 'n']);
	await assert.rejects(client.call('none', 'x'), /^ReplyError: ERR unknown command 'none'/);
	assert.strictEqual(await client.flushdb(), 'OK');
	await client.quit();
}

main(Number(process.argv[2]), process.argv[3]).catch((error) => {
	console.log(error);
	process.exit(1);
});
