// Groups of KafkaJS members, and a broker that goes away under them.
'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { Member, OwnBroker, createTopic, eventually, kafka, send, settled, unique, withAdmin } = require('./kit');

const numbers = (count, from = 0) => Array.from({ length: count }, (_, i) => ({ value: String(from + i) }));

describe('groups', { concurrency: 6, timeout: 120_000 }, () => {
  test('members come and go', async () => {
    const topic = await createTopic(4);
    const group = unique('g');
    const first = await new Member(group, topic).start();
    await settled([4], first);
    const second = await new Member(group, topic).start();
    await settled([2, 2], first, second);
    await second.stop();
    await settled([4], first);
    await first.stop();
  });

  test('what was committed is not read again', async () => {
    const topic = await createTopic();
    const group = unique('g');
    await send(topic, numbers(10));
    const first = await new Member(group, topic).start({ autoCommit: false });
    await first.got(10);
    await first.consumer.commitOffsets([{ topic, partition: 0, offset: '6', metadata: 'six' }]);
    await first.stop();
    await withAdmin(async (admin) => {
      const [{ partitions: [found] }] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      assert.deepEqual([found.offset, found.metadata], ['6', 'six']);
    });
    const second = await new Member(group, topic).start();
    await second.got(4);
    assert.equal(second.messages[0].offset, '6');
    await second.stop();
  });

  test('groups are listed, described, reset and deleted', async () => {
    const topic = await createTopic();
    const groupId = unique('g');
    await send(topic, numbers(5));
    const member = await new Member(groupId, topic).start();
    await settled([1], member);
    await withAdmin(async (admin) => {
      const state = async () => (await admin.describeGroups([groupId])).groups[0];
      await eventually('a stable group', async () => (await state()).state === 'Stable');
      assert.equal((await state()).members.length, 1);
      assert.ok((await admin.listGroups()).groups.some((group) => group.groupId === groupId));
      await member.stop();
      await eventually('an empty group', async () => (await state()).state === 'Empty');
      await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '2' }] });
      const [{ partitions: [found] }] = await admin.fetchOffsets({ groupId, topics: [topic] });
      assert.equal(found.offset, '2');
      await admin.deleteGroups([groupId]);
      assert.ok(!(await admin.listGroups()).groups.some((group) => group.groupId === groupId));
    });
  });

  for (const way of ['stop', 'kill']) {
    test(`a broker that ends by ${way}`, async () => {
      const broker = await OwnBroker.start('log.flush.interval.messages=1');
      try {
        const brokers = [broker.bootstrap];
        const topic = await createTopic(1, brokers);
        const member = await new Member(unique('g'), topic, {}, brokers).start();
        const producer = kafka(brokers).producer({ idempotent: true });
        await producer.connect();
        await producer.send({ topic, messages: numbers(20) });
        await broker.do(way);
        await broker.do('resume');
        await producer.send({ topic, messages: numbers(20, 20) });
        await producer.disconnect();
        const seen = () => new Set(member.messages.map((m) => m.value.toString()));
        await eventually('all records', () => seen().size === 40);
        await member.stop();
      } finally {
        await broker.drop();
      }
    });
  }
});
