"""Fixtures of the kafka-python suite."""

import pytest

import kit
from millrace import OwnBroker


@pytest.fixture(scope="session")
def admin():
    client = kit.admin()
    yield client
    client.close()


@pytest.fixture
def topic(admin):
    return kit.create_topic(admin)


@pytest.fixture
def own_broker():
    broker = OwnBroker(log__flush__interval__messages=1)
    yield broker
    broker.drop()
