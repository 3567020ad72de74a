// What KafkaJS sends is what it gets.
'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { CompressionTypes } = require('kafkajs');
const { BASE, Member, createTopic, kafka, read, send, unique, withAdmin } = require('./kit');

const numbers = (count) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: String(i) }));
const values = (messages) => messages.map((message) => message.value?.toString());

describe('records', { concurrency: 6, timeout: 120_000 }, () => {
  for (const codec of ['None', 'GZIP', 'Snappy']) {
    for (const acks of [-1, 1, 0]) {
      test(`${codec} with acks ${acks}`, async () => {
        const topic = await createTopic();
        await send(topic, numbers(100), { acks, compression: CompressionTypes[codec] });
        assert.deepEqual(values(await read(topic, 100)), numbers(100).map((m) => m.value));
      });
    }
  }

  test('an idempotent producer', async () => {
    const topic = await createTopic();
    const producer = kafka().producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (let i = 0; i < 20; i += 1) {
      const [report] = await producer.send({ topic, messages: [{ value: String(i) }] });
      assert.equal(report.baseOffset, String(i));
    }
    await producer.disconnect();
    assert.deepEqual(values(await read(topic, 20)), numbers(20).map((m) => m.value));
  });

  test('keys, nulls, headers and timestamps', async () => {
    const topic = await createTopic();
    await send(topic, [
      { key: 'k', value: null, headers: { a: ['1', '2'], b: Buffer.from([0, 255]) }, timestamp: String(BASE) },
      { key: null, value: '' },
    ]);
    const [first, second] = await read(topic, 2);
    assert.equal(first.key.toString(), 'k');
    assert.equal(first.value, null);
    assert.deepEqual(first.headers.a.map(String), ['1', '2']);
    assert.deepEqual(first.headers.b, Buffer.from([0, 255]));
    assert.equal(first.timestamp, String(BASE));
    assert.equal(second.key, null);
    assert.equal(second.value.length, 0);
  });

  test('keys choose partitions', async () => {
    const topic = await createTopic(4);
    const reports = await send(topic, numbers(60));
    assert.equal(reports.length, 4);
    const messages = await read(topic, 60);
    assert.equal(new Set(messages.map((m) => m.partition)).size, 4);
  });

  test('a value over the limit is refused', async () => {
    const topic = await createTopic(1, undefined, { 'max.message.bytes': '2000' });
    await assert.rejects(send(topic, [{ value: 'x'.repeat(5000) }]), { type: 'MESSAGE_TOO_LARGE' });
  });

  test('a topic is made by its first record', async () => {
    const topic = unique('auto');
    await send(topic, [{ value: 'first' }]);
    assert.deepEqual(values(await read(topic, 1)), ['first']);
  });

  test('seek, pause and resume', async () => {
    const topic = await createTopic();
    await send(topic, numbers(10));
    const member = await new Member(unique('g'), topic).start();
    await member.got(10);
    member.consumer.pause([{ topic }]);
    member.messages.length = 0;
    member.consumer.seek({ topic, partition: 0, offset: '7' });
    member.consumer.resume([{ topic }]);
    await member.got(3);
    assert.deepEqual(values(member.messages), ['7', '8', '9']);
    await member.stop();
  });

  test('offsets by time', async () => {
    const topic = await createTopic();
    await send(topic, numbers(5).map((m, i) => ({ ...m, timestamp: String(BASE + i * 1000) })));
    await withAdmin(async (admin) => {
      const [offsets] = await admin.fetchTopicOffsets(topic);
      assert.deepEqual([offsets.low, offsets.high], ['0', '5']);
      const [found] = await admin.fetchTopicOffsetsByTimestamp(topic, BASE + 2500);
      assert.equal(found.offset, '3');
    });
  });
});
