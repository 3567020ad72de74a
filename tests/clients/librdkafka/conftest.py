"""Fixtures of the librdkafka suite."""

import pytest

import kit
from millrace import OwnBroker


@pytest.fixture(scope="session")
def admin():
    return kit.admin()


@pytest.fixture
def topic():
    return kit.create_topic()


@pytest.fixture
def own_broker():
    """A function that starts a broker of the test's own, gone when the test ends."""
    started = []

    def start(**properties):
        started.append(OwnBroker(**properties))
        return started[-1]

    yield start
    for broker in started:
        broker.drop()
