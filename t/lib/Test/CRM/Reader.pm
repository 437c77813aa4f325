package Test::CRM::Reader;

# A backend that reads what reaches it by itself (Test::CRM::Reading) and lays
# that beside what the module says that it has judged: X-Idea, which nginx sets
# from the module's variables, and the intent in Redis, which is complete before
# a write is forwarded. Whatever differs is a finding.
#
# Records are always the same: 1 to 6 and a long id in each module; those with an
# odd id and the long one are locked.

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use POSIX ();

use Test::CRM::Lenient qw(lenient_json member elements scalar_text);
use Test::CRM::Process;
use Test::CRM::Reading qw(readings touched merged);
use Test::CRM::Redis;

our @EXPORT = qw(reader_start reader_stats);

my $json = JSON::PP->new->utf8->canonical;
my $long = '5843104000000123456';
my ($port, $redis, %record, %world, %stats);
my $new_id = 1000;

# What the rules of the test concern: operations by module. A lock refuses those
# on a locked record.
my (%concerned, %locks);


# reader_start(redis socket, { Leads => [op ..] }, { .. }): its port.

sub reader_start {
    my ($sock, $concerned, $locks) = @_;

    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64, ReuseAddr => 1)
        or die "listen: $!\n";

    $port = $listen->sockport;
    %concerned = map { my $m = $_; map { ("$_ $m" => 1) } @{ $concerned->{$m} } } keys %$concerned;
    %locks = map { my $m = $_; map { ("$_ $m" => 1) } @{ $locks->{$m} } } keys %$locks;

    my $pid = fork;

    die "fork: $!\n" unless defined $pid;
    return $port if $pid && on_exit(sub { kill 'KILL', $pid });
    return $port if $pid;

    $redis = Test::CRM::Redis->new($sock);
    %record = map { $_ => 1 } 1 .. 6, $long;
    %world = (find => \&found, fields => sub { return 'Email' });
    %stats = (writes => 0, acts => {}, findings => []);

    serve($listen);
    POSIX::_exit(0);
}


# { writes, acts => { 'update Leads' => n }, findings => [text ..] } so far.

sub reader_stats {
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die "reader: $!\n";

    print $s "GET /__stats HTTP/1.0\r\n\r\n";

    my $in = do { local $/; <$s> };

    return $json->decode($in =~ s/.*?\r\n\r\n//sr);
}


sub found {
    my ($module, $field, $value) = @_;

    return $field eq 'Email' && $value =~ /^e(\d+)\@x\.test$/i && $record{$1} ? $1 : ();
}

sub locked { return $_[0] eq $long || $_[0] =~ /^[135]$/ || $_[0] eq '*' }


# --- connections ------------------------------------------------------------------

sub serve {
    my ($listen) = @_;

    my $all = IO::Select->new($listen);
    my %in;

    local $SIG{PIPE} = 'IGNORE';

    while (my @ready = $all->can_read) {
        for my $s (@ready) {
            if ($s == $listen) {
                $all->add($s->accept || next);
                next;
            }

            my $n = sysread $s, $in{$s} //= '', 65536, length $in{$s};

            if (!$n) {
                finding('bytes that are no request', $in{$s}) if length $in{$s};
                delete $in{$s};
                $all->remove($s);
                close $s;
                next;
            }

            while (my $req = request(\$in{$s})) {
                my ($status, $body) = answer($req);
                my $head = "HTTP/1.1 $status X\r\nContent-Type: application/json\r\n"
                         . ($status == 204 ? '' : 'Content-Length: ' . length($body) . "\r\n");

                $head .= "Connection: close\r\n" if $req->{version} eq '1.0';
                syswrite $s, "$head\r\n" . ($status == 204 || $req->{method} eq 'HEAD' ? '' : $body);

                if ($req->{version} eq '1.0') {
                    delete $in{$s};
                    $all->remove($s);
                    close $s;
                    last;
                }
            }
        }
    }
}


# Takes one off the bytes; undef until it is whole.

sub request {
    my ($in) = @_;

    $$in =~ /\A(.*?\n)\r?\n/s or return undef;

    my ($head, $from) = ($1, $+[0]);
    my ($line, @lines) = split /\r?\n/, $head;
    my ($method, $target, $version) = $line =~ /^(\S+) (.*) HTTP\/(1\.[01])$/s;
    my @h = map { /^([^:]+):\s*(.*?)\s*$/s ? ($1, $2) : () } @lines;
    my %h = map { lc $h[2 * $_] => $h[2 * $_ + 1] } 0 .. @h / 2 - 1;
    my $n = $h{'content-length'} || 0;

    finding('a request that is none, or in chunks', $$in)
        if !defined $target || $n !~ /^\d+$/ || exists $h{'transfer-encoding'};

    return undef if length($$in) < $from + $n;

    my %r = (method => $method, target => $target, version => $version || '1.0', headers => \@h, header => \%h,
             raw => substr($$in, 0, $from + $n), body => substr($$in, $from, $n));

    substr $$in, 0, $from + $n, '';

    return \%r;
}


# --- what differs --------------------------------------------------------------------

sub finding {
    my ($what, $raw) = @_;

    push @{ $stats{findings} }, "$what\n" . $raw =~ s/([^ -~\n])/sprintf '\\x%02x', ord $1/ger
        if @{ $stats{findings} } < 20;
    $stats{found}++;
}


sub compare {
    my ($req) = @_;

    my ($decision, $op, $module, $id) = split /\|/, $req->{header}{'x-idea'} // '', -1;
    my $event = $req->{header}{'crm-event'};

    return finding('a request that nginx did not send', $req->{raw}) unless defined $id;

    my @acts = grep { length } readings($req, \%world);

    $stats{writes}++ if @acts;
    $stats{acts}{ $_->[0] . ' ' . $_->[1] =~ s{/.*}{}r }++ for $acts[0] ? touched($acts[0]) : ();

    my $idea = $decision eq 'allowed' ? judged($event, $op) : undef;

    for my $act (@acts) {
        my @touched = touched($act);

        if (defined $idea && $op eq 'composite') {

            # those of its requests that no rule concerns are nobody's; of an action there is a lease, no more

            my @ours = grep { my ($what, $first) = split / /; concerned($what, $first) } split /; /, $act;
            my $ours = merged join '; ', grep { /^(?:create|update|delete) / } @ours;
            my %leased = map { $_ => 1 } leased($event);

            finding("judged as '$idea', read as '$ours'", $req->{raw}) if $ours ne '' && $ours ne $idea;
            finding("'$_' is not leased", $req->{raw})
                for grep { !$leased{$_} } map { my ($what, @on) = split / /; @on } grep { !/^(?:create|update|delete) / } @ours;

        } elsif (defined $idea) {
            finding("judged as '$idea', read as '$act'", $req->{raw}) if $act ne $idea;

        } elsif (my ($hit) = grep { concerned(@$_) } @touched) {
            finding("passed as '$op $module $id', although rules concern '$hit->[0] $hit->[1]'", $req->{raw});

        } elsif ($op ne 'composite' && grep { differs($_, $op, $module) } @touched) {
            finding("passed as '$op $module $id', read as '$act'", $req->{raw});
        }

        for my $t (@touched) {
            my ($m, $record) = split m{/}, $t->[1];

            finding("'$t->[0] $t->[1]' of a locked record", $req->{raw})
                if $locks{"$t->[0] $m"} && defined $record && locked($record)
                   && ($t->[0] ne 'update' || changes($req, $record));
        }
    }
}


# Whether an update sends anything of that record: one that sends nothing is no
# change, and may pass a lock.

sub changes {
    my ($req, $id) = @_;

    return $req->{body} =~ /^[^{]*(?:Amount|City|Account|Items)/ if ($req->{header}{'content-type'} // '') =~ /form-url/;
    return $req->{body} =~ /Amount|City|Account|Items/i if $req->{target} =~ m{/\Q$id\E(?:[/?]|$)};

    for my $one (grep { $_ && $_->[0] eq 'o' && !member($_, 'data', 'last') && !member($_, 'n', 'last') }
                 every(lenient_json($req->{body})))
    {
        my $named = scalar_text(member($one, 'id', 'last'));

        return 1 if member($one, 'keys', 'last') || (defined $named && $named eq $id && @$one > 2);
    }

    return 0;
}

# A value and those in it.
sub every {
    my ($v) = @_;

    return () unless $v;
    return ($v, map { every($_) } $v->[0] eq 'o' ? map { $_->[1] } @$v[1 .. $#$v] : elements($v));
}


sub concerned {
    my ($op, $record) = @_;

    return $concerned{ "$op " . $record =~ s{/.*}{}r } || $record eq '*' && $op =~ /^(?:bulk_write|transfer)$/;
}

sub differs {
    my ($t, $op, $module) = @_;

    my ($m) = split m{/}, $t->[1];

    # a photo whose method a form overrides is no other record's
    return 0 if $op eq 'photo' && $t->[0] eq 'related' && lc $m eq lc $module;

    # without rules neither a body is read, which may tell the operation and the
    # ids, nor is a module's name compared with any
    return $op ne '' && $op ne 'upsert' && $t->[0] ne $op || lc $m ne lc $module;
}


# The records of an event.

sub leased {
    my ($event) = @_;

    my $records = $redis->call('HGET', 'crm:{acme}:intent:' . ($event // ''), 'records');

    return defined $records ? @{ $json->decode($records) } : ();
}


# The intent as a reading would be written.

sub judged {
    my ($event, $op) = @_;

    my ($doc, $records, $state) = @{ $redis->call('HMGET', "crm:{acme}:intent:" . ($event // ''), 'doc', 'records', 'state') };

    return 'nothing: there is no intent' unless defined $records;

    if (!length $doc) {
        my %of;

        push @{ $of{ m{^(\w+)/} && $1 } }, $_ for sort @{ $json->decode($records) };
        return join '; ', map { join ' ', $op, @{ $of{$_} } } sort keys %of;
    }

    return "nothing: the intent is $state" if $state ne 'prepared';

    $doc = $json->decode($doc);

    my (@acts, %of);

    for my $r ($doc->{records} ? @{ $doc->{records} } : $doc) {
        if ($r->{operation} eq 'create') {
            push @acts, "create $r->{module}";
        } else {
            push @{ $of{"$r->{operation} $r->{module}"} }, "$r->{module}/$r->{record_id}";
        }
    }

    push @acts, map { (split / /)[0] . ' ' . join ' ', sort @{ $of{$_} } } keys %of;

    return join '; ', sort @acts;
}


# --- answers ---------------------------------------------------------------------------

sub answer {
    my ($req) = @_;

    return (200, $json->encode(\%stats)) if $req->{target} eq '/__stats';

    compare($req);

    my ($api, $path, $query) = $req->{target} =~ m{^/(\w+)/([^?]*)\??(.*)$}s;

    return (404, '{}') unless defined $path;
    return reads($api, $path, $query) if $req->{method} =~ /^(?:GET|HEAD|OPTIONS|SEARCH)$/;
    return writes($api, $req);
}

sub stored {
    my ($id, $text) = @_;

    my ($lead, $deal) = locked($id) ? qw(Closed Won) : qw(Open Open);

    $id = $text ? "\"$id\"" : $id;

    return "{\"id\":$id,\"Lead_Status\":\"$lead\",\"Stage\":\"$deal\",\"Amount\":5,\"City\":\"Rom\","
           . '"Ext":"x' . $id =~ tr/"//dr . '","Email":"e' . $id =~ tr/"//dr . '@x.test","Rating":null,"Modified_Time":"2026-01-01T00:00:00+00:00"}';
}

sub reads {
    my ($api, $path, $query) = @_;

    my ($ids) = $query =~ /(?:^|&)(?:ids|filter\S*?)=([\w,%]+)/;
    my $one = $api eq 'crm' || $api eq 'dir' ? qr{^[^/]+/[^/]+/(?!search$)([^/]+)} : qr{^[^/]+/([^/]+)};
    my @ids = $path =~ $one ? $1
            : defined $ids ? split(/,/, $ids =~ s/%2c/,/gir) : sort keys %record;

    # a search by what a field holds
    @ids = grep { $query =~ /e$_(?:%40|@)x/ } @ids if $query =~ /x\.test/;
    @ids = grep { $query =~ /\(Ext:equals:x$_\)/ } @ids if $query =~ /\(Ext:equals/;

    my @found = map { stored($_, 1) } grep { $record{$_} } @ids;

    return $api eq 'crm' ? (@found ? (200, '{"data":[' . join(',', @found) . '],"info":{"more_records":false}}') : (204, ''))
         : $api eq 'dir' ? ($path =~ $one ? (@found ? (200, "{\"data\":$found[0]}") : (404, '{"errors":[]}'))
                                              : (200, '{"data":[' . join(',', @found) . ']}'))
         : $path =~ $one ? (@found ? (200, $found[0]) : (404, '{}')) : (200, '[' . join(',', @found) . ']');
}

sub writes {
    my ($api, $req) = @_;

    my $body = $req->{json} || lenient_json($req->{body});
    my ($id) = $req->{target} =~ m{/(\d\w*)(?:\?|$)};
    my $new = $req->{method} eq 'POST' && !defined $id;

    if ($req->{target} =~ m{/__composite_requests$}) {
        return (200, '{"__composite_responses":[' . join(',', map {
            my $one = $_;
            my ($method, $uri) = map { scalar_text(member($one, $_, 'first')) // '' } qw(method uri);
            my ($status, $text) = $method eq 'GET' ? (204, '') : writes($api, { %$req, method => $method, target => $uri,
                                                                               json => member($one, 'body', 'first') });

            '{"code":"SUCCESS","details":{"response":{"headers":{},"body":' . ($text eq '' ? 'null' : $text)
            . ",\"status_code\":$status}},\"message\":\"x\",\"status\":\"success\"}"
        } elements(member($body, '__composite_requests', 'first'))) . ']}');
    }

    if ($api eq 'crm') {
        my $data = member($body, 'data', 'first');
        my ($ids) = $req->{target} =~ /[?&]ids=([\w,]+)/;
        my @ids = defined $id ? $id : defined $ids ? split /,/, $ids
                : map { scalar_text(member($_, 'id', 'first'))
                        // ($req->{target} =~ /upsert/ && (grep { (scalar_text($_) // '') eq 'Email' } elements(member($body, 'duplicate_check_fields', 'first')))
                        && (found('', 'Email', scalar_text(member($_, 'Email', 'first')) // ''))[0])
                        || ++$new_id } elements($data);

        return ($new ? 201 : 200, '{"data":[' . join(',', map {
            my $action = $record{$_} ? 'update' : 'insert';
            "{\"code\":\"SUCCESS\",\"action\":\"$action\",\"details\":{\"id\":\"$_\"},"
                . '"message":"x","status":"success"}' } @ids) . ']}');
    }

    my @many = $body && $body->[0] eq 'a' ? elements($body)
             : map { ['o', ['id', $_]] } elements(member($body, 'keys', 'first'));
    my @out = map { '{"id":"' . (scalar_text($_->[0] eq 'o' ? member($_, 'id', 'first') : $_) // ++$new_id) . '"}' } @many;

    $id //= ++$new_id;

    return (204, '') if $req->{method} eq 'DELETE';
    return (200, @many ? '{"data":[' . join(',', @out) . ']}' : "{\"data\":{\"id\":\"$id\"}}") if $api eq 'dir';
    return ($new ? 201 : 200, "{\"id\":\"$id\"}");
}

1;
