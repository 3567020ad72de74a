// The admin client of KafkaJS.
'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { ConfigResourceTypes } = require('kafkajs');
const { createTopic, eventually, send, unique, withAdmin } = require('./kit');

describe('admin', { concurrency: 6, timeout: 120_000 }, () => {
  test('topics are created once, grown and deleted', () => withAdmin(async (admin) => {
    const topic = await createTopic(2);
    assert.ok((await admin.listTopics()).includes(topic));
    assert.equal(await admin.createTopics({ topics: [{ topic }] }), false);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
    await eventually('five partitions', async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0].partitions.length === 5 && topics[0].partitions.every((p) => p.leader === 1);
    });
    await admin.deleteTopics({ topics: [topic] });
    await eventually('the topic to go', async () => !(await admin.listTopics()).includes(topic));
  }));

  test('bad topics are refused', () => withAdmin(async (admin) => {
    const refused = (entry) => admin.createTopics({ topics: [{ topic: unique('bad'), ...entry }] });
    await assert.rejects(refused({ topic: 'not good' }));
    await assert.rejects(refused({ replicationFactor: 7, numPartitions: 1 }));
    await assert.rejects(refused({ configEntries: [{ name: 'no.such', value: '1' }] }));
  }));

  test('configs are described and replaced', () => withAdmin(async (admin) => {
    const name = await createTopic(1, undefined, { 'retention.ms': '1000000' });
    const type = ConfigResourceTypes.TOPIC;
    const retention = async () => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: true, resources: [{ type, name, configNames: ['retention.ms'] }],
      });
      return resources[0].configEntries[0].configValue;
    };
    assert.equal(await retention(), '1000000');
    await admin.alterConfigs({
      validateOnly: false, resources: [{ type, name, configEntries: [{ name: 'retention.ms', value: '2000000' }] }],
    });
    await eventually('the change', async () => (await retention()) === '2000000');
  }));

  test('records are deleted from the front', () => withAdmin(async (admin) => {
    const topic = await createTopic();
    await send(topic, [{ value: 'a' }, { value: 'b' }, { value: 'c' }]);
    // KafkaJS deletes only from topics that it has looked at before.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    const [offsets] = await admin.fetchTopicOffsets(topic);
    assert.deepEqual([offsets.low, offsets.high], ['2', '3']);
  }));

  test('the cluster describes itself', () => withAdmin(async (admin) => {
    const cluster = await admin.describeCluster();
    assert.deepEqual(cluster.brokers.map((broker) => broker.nodeId), [1]);
    assert.equal(cluster.controller, 1);
    assert.ok(cluster.clusterId);
  }));
});
