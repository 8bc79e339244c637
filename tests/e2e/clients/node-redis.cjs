// SPDX-License-Identifier: MIT
// node-redis against redis-lite, as an application uses it, in both versions of the protocol.
// Arguments: port, password.
'use strict';
const assert = require('assert');
let redis;
try {
	redis = require('redis');
} catch (error) {
	console.log(error.message);
	process.exit(77);
}

async function use(port, password, RESP) {
	const client = redis.createClient({
		socket: { host: '127.0.0.1', port }, password, database: 2, name: 'node', RESP,
	});

	client.on('error', (error) => { throw error; });
	await client.connect();
	assert.strictEqual(await client.set('key', 'value', { EX: 100 }), 'OK');
	assert.strictEqual(await client.get('key'), 'value');
	assert.strictEqual(await client.get('none'), null);
	assert.deepStrictEqual(await client.mGet(['key', 'none']), ['value', null]);
	assert.deepStrictEqual({ ...await client.configGet('save') }, { save: '' });
	assert.strictEqual(await client.clientGetName(), 'node');
	assert.strictEqual((await client.clientInfo()).name, 'node');
	assert.strictEqual((await client.commandInfo(['get']))[0].name, 'get');
	assert.deepStrictEqual(await client.multi().set('n', 1).incr('n').exec(), ['OK', 2]);
	await client.watch('n');
	await client.set('n', 5);
	await assert.rejects(client.multi().get('n').exec(), redis.WatchError);
	await assert.rejects(client.sendCommand(['none', 'x']), /^Error: ERR unknown command 'none'/);
	assert.strictEqual(await client.flushDb(), 'OK');
	await (client.close ? client.close() : client.quit());
}

async function main(port, password) {
	await use(port, password, 2);
	await use(port, password, 3);
}

main(Number(process.argv[2]), process.argv[3]).catch((error) => {
	console.log(error);
	process.exit(1);
});
