#!/bin/sh
# Settles an unpacked release in an image, once, as root: on the path, natives unpacked, classes
# archived, so that a container's first command starts like any other.
set -eu
ln -sf /opt/millrace/bin/millrace /usr/local/bin/millrace
mkdir -p /var/cache/millrace/sets /var/cache/millrace/natives
millrace doctor
# Others read what is there and may add to it.
chmod -R a+rX /opt/millrace /var/cache/millrace
chmod 1777 /var/cache/millrace/sets /var/cache/millrace/natives
