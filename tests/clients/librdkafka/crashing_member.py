"""A group member for a process of its own, so that it can be killed: GROUP TOPIC SERVERS."""

import sys

import kit


def main():
    group, topic, servers = sys.argv[1:]
    client = kit.consumer(group, servers)
    client.subscribe([topic], on_assign=lambda *_: print("assigned", flush=True))
    while True:
        client.poll(0.1)


main()
