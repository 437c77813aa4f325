# Include directions: a folder knows only what stands below it. Broken, the
# core would grow a clock or a socket, and could no longer be tested alone.

use strict;
use warnings;

use Test::More;

my @core = qw(base record rules state decide transform queue);
my %rank = map { $core[$_] => $_ } 0 .. $#core;

# Who may include which library.
my @library = (
    [ qr{^(?:ngx_core|ngx_config|ngx_http|ngx_event)\.h$},
      qr{^ngx_crm_automation/} ],
    [ qr{^hiredis/}, qr{^(?:ngx_crm_automation/ngx_http_crm_redis
                        |src/store/|src/worker/crm_worker_redis)}x ],
    [ qr{^curl/}, qr{^src/(?:worker|cli)/} ],
    [ qr{^libfyaml}, qr{^src/cli/} ],
    [ qr{^pcre2\.h$}, qr{^src/deluge/crm_deluge_regex\.c$} ],
    [ qr{^uv\.h$}, qr{^src/worker/} ],
    [ qr{^libical/}, qr{^src/calendar/crm_recurrence\.c$} ],
    [ qr{^jansson}, qr{^(?:ngx_crm_automation/|src/(?:worker|cli|store)/
                       |src/core/(?!base/|record/))}x ],
    [ qr{^(?:time|sys/socket|sys/time|netdb|unistd|fcntl|poll)\.h$},
      qr{^(?!src/core/)} ],
);

# Headers of one folder: the folders whose files may include them.
my %local = (
    store    => qr{^src/(?:store|cli)/},
    worker   => qr{^src/worker/},
    cli      => qr{^src/cli/},
    calendar => qr{^src/(?:calendar|worker|cli)/},
    deluge   => qr{^src/(?:deluge|worker|cli)/},
);

my %owner;

for my $dir (keys %local) {
    $owner{ s{.*/}{}r } = $dir for glob "src/$dir/*.h";
}

for my $file (sort glob('src/*/*.[ch] src/core/*/*.[ch] ngx_crm_automation/*.[ch]')) {
    my @bad;
    my ($mine) = $file =~ m{^src/core/(\w+)/};

    open my $fh, '<', $file or die "$file: $!\n";

    while (<$fh>) {
        my ($h) = /^\s*#\s*include\s+["<]([^">]+)[">]/ or next;
        my $at = "$file:$.: $h";

        for my $l (@library) {
            push @bad, $at if $h =~ $l->[0] && $file !~ $l->[1];
        }

        push @bad, $at if $file =~ m{^src/deluge/} && $h =~ m{^(\w+)/.*\.h$}
                          && $1 ne 'base' && -d "src/core/$1";

        my $base = $h =~ s{.*/}{}r;

        if (my $o = $owner{$base}) {
            push @bad, $at if $file !~ $local{$o};
        }

        next unless defined $mine && /"/;

        my ($to) = $h =~ m{^(\w+)/};

        push @bad, "$at: name the folder" unless defined $to;
        push @bad, "$at: $mine may not know $to"
            if defined $to && (!defined $rank{$to} || $rank{$to} > $rank{$mine});
    }

    is_deeply(\@bad, [], "$file includes what it may");
}

# What the build compiles is what is there.

SKIP: {
    skip 'src/core/SOURCES is not there', 1 unless -e 'src/core/SOURCES';

    open my $fh, '<', 'src/core/SOURCES' or die "SOURCES: $!\n";

    my @listed = grep { length } map { s/#.*//r =~ s/\s+//gr } <$fh>;
    my @there = map { s{^src/core/}{}r } glob 'src/core/*/*.c';

    is_deeply([ sort @listed ], [ sort @there ],
              'src/core/SOURCES lists every source of the core, once');
}

done_testing();
