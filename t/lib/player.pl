#!/usr/bin/perl
#
# Plays a CRM backend, as spec and manuals say of it: a store of records behind
# one API. It reads requests by itself, so that what it holds afterwards is
# proof of what got through.
#
#   player.pl KIND [--port N] [--port-file F]
#
#   KIND   rest, json-server, espocrm, directus, filters, rpc, form
#
#   POST /__seed/MODULE/ID   stores the record that the body is
#   GET  /__record/MODULE/ID the stored record, or nothing
#   GET  /__log              the requests so far, one JSON object a line
#   POST /__fail?how=HOW     from now on writes are answered 500: done (they are
#                            done), lost (they are not), or nothing: as before
#   POST /__cap?page=N       lists hold so many records at most (100); with deaf=1
#                            each begins with the first
#   POST /__reset            forgets all of it

use strict;
use warnings;

use File::Basename qw(dirname);
use Getopt::Long;
use JSON::PP;

use lib dirname(__FILE__);
use Test::CRM::Httpd;

my ($port, $port_file) = (0);

GetOptions('port=i' => \$port, 'port-file=s' => \$port_file) or exit 64;

my $kind = shift @ARGV or exit 64;
my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my (%store, @log);
my $fail = '';
my $next = 1000;
my %cap = (page => 100);        # of a page; deaf: to where it begins

my %play = ('rest' => \&rest, 'json-server' => \&rest,
            'espocrm' => \&espocrm, 'directus' => \&directus,
            'filters' => \&filters, 'rpc' => \&rpc, 'form' => \&form);

serve(listen => $port, handler => \&handle, ready => sub {
    my ($p) = @_;

    return print "listening on 127.0.0.1:$p\n" unless $port_file;

    open my $fh, '>', "$port_file.new" or die "$port_file: $!\n";
    print $fh "$p\n";
    close $fh;
    rename "$port_file.new", $port_file;
});


sub handle {
    my ($req) = @_;

    my $path = $req->{path};

    if ($path =~ m{^/__seed/([^/]+)/([^/]+)$}) {
        $store{$1}{$2} = $json->decode($req->{body});
        return { body => 'ok' };
    }

    if ($path =~ m{^/__record/([^/]+)/([^/]+)$}) {
        my $r = $store{$1}{$2};
        return { body => $r ? $json->encode($r) : '' };
    }

    return { body => join '', map { "$_\n" } @log } if $path eq '/__log';

    if ($path eq '/__fail') {
        $fail = $req->{query}{how} || '';
        return { body => 'ok' };
    }

    if ($path eq '/__cap') {
        %cap = (page => $req->{query}{page} || 100, deaf => $req->{query}{deaf});
        return { body => 'ok' };
    }

    if ($path eq '/__reset') {
        %store = ();
        $fail = '';
        @log = ();
        return { body => 'ok' };
    }

    push @log, log_entry($req);

    $path =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    $path =~ s{/$}{} if $kind ne 'espocrm';

    my $broken = $fail && $req->{method} !~ /^(?:GET|SEARCH)$/;

    return { status => 500, body => 'oops' } if $broken && $fail eq 'lost';

    my $r = $play{$kind}->($req, $path);

    return $broken ? { status => 500, body => 'oops' } : $r;
}


# When it is: ISO, or as databases have it.

sub now_text {
    my ($sep, $end) = @_;

    my @t = gmtime;

    return sprintf '%04d-%02d-%02d%s%02d:%02d:%02d%s', $t[5] + 1900, $t[4] + 1,
                   $t[3], $sep, @t[2, 1, 0], $end;
}


# All of a module but those that the query does not mean, newest first.

sub listed {
    my ($m, $q, @ignored) = @_;

    delete @$q{@ignored};

    return sort { $b->{id} cmp $a->{id} }
           grep { my $r = $_; !grep { ($r->{$_} // '') ne $q->{$_} } keys %$q }
           values %{ $store{$m} };
}


# A page of them, oldest first: behind an id, or so many of them.

sub page_of {
    my ($m, %q) = @_;

    my @l = sort { $a->{id} <=> $b->{id} || $a->{id} cmp $b->{id} }
            values %{ $store{$m} };

    @l = grep { $_->{id} =~ /\D/ || $q{after} =~ /\D/ ? $_->{id} gt $q{after}
                                                      : $_->{id} > $q{after} } @l
        if defined $q{after} && !$cap{deaf};
    splice @l, 0, $q{start} || 0;

    my $size = $q{size} < $cap{page} ? $q{size} : $cap{page};

    splice @l, $size if @l > $size;

    return map { my $r = $_; $q{fields} ? { map { $_ => $r->{$_} }
                                            split /,/, $q{fields} } : $r } @l;
}


sub answer {
    my ($status, $body, @headers) = @_;

    return { status => $status,
             headers => [ 'Content-Type' => 'application/json', @headers ],
             body => defined $body ? ref $body || $body !~ /^(?:true|)$/
                     ? $json->encode($body) : $body : '' };
}


sub fields {
    my ($req) = @_;

    my $type = $req->{header}{'content-type'} || '';

    if ($type =~ m{^application/x-www-form-urlencoded}) {
        return {} if $kind ne 'json-server';

        return { map { my ($k, $v) = map { s/\+/ /gr
            =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger } split /=/, $_, 2;
            $k => $v } split /&/, $req->{body} };
    }

    return {} if $type ne '' && $type !~ m{^application/json};

    return eval { $json->decode($req->{body}) } || {};
}


# PUT replaces, PATCH keeps; Total counts the writes of a record that has it.

sub rest {
    my ($req, $path) = @_;

    my $method = $req->{method};

    $method = uc $req->{header}{'x-http-method-override'}
        if $kind eq 'json-server' && $method eq 'POST'
           && $req->{header}{'x-http-method-override'};

    my ($m, $id) = $path =~ m{^/api/([^/]+)(?:/([^/]+))?$}
        or return answer(404, {});

    $m = (grep { lc $_ eq lc $m } keys %store)[0] || $m
        if $kind eq 'json-server';

    my $r = defined $id ? $store{$m}{$id} : undef;

    if ($method eq 'POST' && !defined $id) {
        $id = ++$next;
        $store{$m}{$id} = { %{ fields($req) }, id => $id,
            $kind eq 'rest' ? (createdAt => now_text('T', 'Z')) : () };
        return answer(201, $store{$m}{$id}, Location => "/api/$m/$id");
    }

    if ($method eq 'GET' && !defined $id) {
        my $q = $req->{query};

        return answer(200, [ page_of($m, after => $q->{id_gte},
            start => $q->{_start}, size => $q->{_limit}) ])
            if ($q->{_order} || '') eq 'asc';
        return answer(200, [ listed($m, $q, qw(_sort _order _limit)) ]);
    }

    return answer(404, {}) unless $r;
    return answer(200, $r, ETag => $kind eq 'rest' ? '"v1"' : 'W/"1"')
        if $method eq 'GET';

    if ($method eq 'PUT' || $method eq 'PATCH') {
        $store{$m}{$id} = { $method eq 'PATCH' ? %$r : (), %{ fields($req) },
                            id => $r->{id},
                            defined $r->{Total} ? (Total => $r->{Total} + 1) : () };
        return answer(200, $store{$m}{$id});
    }

    if ($method eq 'DELETE') {
        delete $store{$m}{$id};
        return answer(200, {});
    }

    return answer(404, {});
}


sub espocrm {
    my ($req, $path) = @_;

    my $method = $req->{method};
    my ($m, $id) = $path =~ m{^/api/v1/([^/]+)(?:/([^/]+))?$}
        or return answer(404);

    return answer(405) if $req->{header}{'x-http-method-override'};
    return answer(401) unless $req->{header}{'x-api-key'};

    if ($m eq 'MassAction') {
        my $b = fields($req);
        my $s = $store{ $b->{entityType} };
        my @ids = grep { $s->{$_} } @{ $b->{params}{ids} || [] };

        for my $i (@ids) {
            if ($b->{action} eq 'delete') {
                delete $s->{$i};
            } else {
                $s->{$i} = { %{ $s->{$i} }, %{ $b->{data} } };
            }
        }

        return answer(200, { count => scalar @ids });
    }

    $m = ucfirst $m;
    $id = lc $id if defined $id;

    my $r = defined $id ? $store{$m}{$id} : undef;

    if ($method eq 'POST' && !defined $id) {
        $id = sprintf '%017x', ++$next;
        $store{$m}{$id} = { %{ fields($req) }, id => $id,
            createdAt => now_text(' ', ''), modifiedAt => now_text(' ', '') };
        return answer(200, $store{$m}{$id});
    }

    if ($method eq 'GET' && !defined $id) {
        my $q = $req->{query};
        my @l = ($q->{order} || '') ne 'asc' ? listed($m, {})
            : page_of($m, after => $q->{'where[0][value]'},
                      size => $q->{maxSize}, fields => $q->{select});

        return answer(200, { total => scalar @l, list => \@l });
    }

    return answer(404, undef, 'X-Status-Reason' => "Record $id does not exist.")
        unless $r;

    return answer(200, $r) if $method eq 'GET';

    if ($method eq 'PUT' || $method eq 'PATCH') {
        my $v = $req->{header}{'x-version-number'};

        return answer(409, { values => $r, versionNumber => $r->{versionNumber} },
                      'X-Status-Reason' => 'modified')
            if defined $v && defined $r->{versionNumber}
               && $v ne $r->{versionNumber};

        $store{$m}{$id} = { %$r, %{ fields($req) }, id => $id };
        return answer(200, $store{$m}{$id});
    }

    if ($method eq 'DELETE') {
        delete $store{$m}{$id};
        return answer(200, 'true');
    }

    return answer(405);
}


sub directus_error {
    my ($status, $code) = @_;

    return answer($status, { errors => [ { message => "You don't have"
        . ' permission to access this.', extensions => { code => $code } } ] });
}


sub directus {
    my ($req, $path) = @_;

    my $method = $req->{method};

    return answer(200, { data => { access_token => 'x' } })
        if $path eq '/auth/login';

    my ($c, $id) = $path =~ m{^/items/([^/]+)(?:/([^/]+))?$}i
        or return directus_error(404, 'ROUTE_NOT_FOUND');

    return directus_error(401, 'INVALID_CREDENTIALS')
        unless $req->{header}{authorization} || $req->{query}{access_token};

    my $b = $req->{body} ne '' ? fields($req) : undef;

    return directus_write($c, $method, $b, $req->{query}) unless defined $id;

    my $r = $store{$c}{$id};

    return $r ? answer(200, { data => $r }) : directus_error(403, 'FORBIDDEN')
        if $method eq 'GET';
    return directus_error(404, 'ROUTE_NOT_FOUND')
        unless $method =~ /^(?:PATCH|DELETE)$/;
    return answer(204) unless $r;

    if ($method eq 'DELETE') {
        delete $store{$c}{$id};
        return answer(204);
    }

    $store{$c}{$id} = { %$r, %$b, id => $r->{id} };

    return answer(200, { data => $store{$c}{$id} });
}


# One or many; the answer to many is not in their order.

sub directus_write {
    my ($c, $method, $b, $q) = @_;

    if ($method eq 'GET') {
        my @ids = split /,/, $q->{'filter[id][_in]'} || '';

        return answer(200, { data => [ page_of($c, size => $q->{limit},
            after => $q->{'filter[id][_gt]'}, fields => $q->{fields}) ] })
            if ($q->{sort} || '') eq 'id';
        return answer(200, { data => [ listed($c, {}) ] }) if !@ids;
        return answer(200, { data => [ reverse grep { $_ }
                                       map { $store{$c}{$_} } @ids ] });
    }

    if ($method eq 'POST') {
        my @new = map { my $id = ++$next; $store{$c}{$id} = { %$_, id => $id,
                  date_created => now_text('T', '.000Z'), date_updated => undef } }
                  ref $b eq 'ARRAY' ? @$b : $b;

        return answer(200, { data => ref $b eq 'ARRAY' ? [ reverse @new ]
                                                       : $new[0] });
    }

    if ($method eq 'PATCH') {
        my @set = ref $b eq 'ARRAY' ? map { [ $_->{id}, $_ ] } @$b
                                    : map { [ $_, $b->{data} ] } @{ $b->{keys} };

        $store{$c}{ $_->[0] } = { %{ $store{$c}{ $_->[0] } || {} }, %{ $_->[1] },
                                  id => $_->[0] } for @set;

        return answer(200, { data => [ reverse map { $store{$c}{ $_->[0] } }
                                       @set ] });
    }

    if ($method eq 'DELETE') {
        delete $store{$c}{$_} for ref $b eq 'ARRAY' ? @$b : @{ $b->{keys} };
        return answer(204);
    }

    if ($method eq 'SEARCH') {
        return answer(200, { data => [ values %{ $store{$c} } ] });
    }

    return directus_error(404, 'ROUTE_NOT_FOUND');
}


# Records are named by filters, all of which they must fit: ?id=eq.7&n=in.(1,2).
# A POST with on_conflict changes the record that has that value, if one has.

sub filters {
    my ($req, $path) = @_;

    my ($m) = $path =~ m{^/api/([^/]+)$} or return answer(404, {});
    my %q = %{ $req->{query} };
    my $conflict = delete $q{on_conflict};
    my $sent = $req->{body} ne '' ? fields($req) : undef;

    my @r = grep { my $r = $_; !grep { !fits($r->{$_}, $q{$_}) } keys %q }
            sort { $a->{id} <=> $b->{id} } values %{ $store{$m} };

    return answer(200, \@r) if $req->{method} eq 'GET';

    if ($req->{method} eq 'POST') {
        my ($old) = grep { $conflict && ($_->{$conflict} // '') eq $sent->{$conflict} }
                    values %{ $store{$m} };
        my $id = $old ? $old->{id} : ++$next;

        $store{$m}{$id} = { $old ? %$old : (), %$sent, id => $id };

        return answer($old ? 200 : 201, [ $store{$m}{$id} ]);
    }

    for my $r (@r) {
        delete $store{$m}{ $r->{id} };
        next if $req->{method} eq 'DELETE';
        $store{$m}{ $r->{id} } = { %$r, %$sent, id => $r->{id},
                                   version => ($r->{version} || 0) + 1 };
    }

    return answer(200, [ map { $store{$m}{ $_->{id} } || $_ } @r ]);
}


sub fits {
    my ($has, $filter) = @_;

    $has //= '';

    return $has eq $1 if $filter =~ /^eq\.(.*)$/;
    return scalar grep { $_ eq $has } split /,/, $1 if $filter =~ /^in\.\((.*)\)$/;
    return $has > $1 if $filter =~ /^gt\.(.*)$/;
    return 0;
}


# All is a POST, and who asks stands in its body; reads are made the same way.

sub rpc {
    my ($req, $path) = @_;

    my $b = fields($req);
    my $s = $store{ $b->{model} } or return answer(200, { error => 'model' });

    return answer(200, { error => 'key' }) if ($b->{key} // '') ne 'sesame';

    my @ids = $b->{where} ? grep { $s->{$_}{n} > $b->{where}{above} } sort keys %$s
                          : @{ $b->{ids} };

    return answer(200, { error => 'id' }) if grep { ref \$_ ne 'SCALAR' || /\D/ } @ids;

    return answer(200, { result => [ grep { $_ } map { $s->{$_} } @ids ] })
        if $b->{method} eq 'read';

    for my $r (map { $s->{$_} } @ids) {
        return answer(200, { error => 'modified' })
            if defined $b->{values}{rev} && $b->{values}{rev} != $r->{rev};

        %$r = (%$r, %{ $b->{values} });
        $r->{rev}++;
    }

    return answer(200, { result => JSON::PP::true });
}


# Fields of multipart/form-data, one of which is the record, as a text; what is
# read needs the session, as a parameter.

sub form {
    my ($req, $path) = @_;

    if ($req->{method} eq 'GET') {
        my $q = $req->{query};

        return answer(200, { success => JSON::PP::false }) if ($q->{session} // '') ne 's1';

        my $r = $store{Leads}{ $q->{id} };

        return answer(200, $r ? { success => JSON::PP::true, result => $r }
                              : { success => JSON::PP::false });
    }

    my ($boundary) = $req->{header}{'content-type'} =~ /boundary=(\S+)/;
    my %f = map { /^\r\nContent-Disposition: form-data; name="(\w+)"(?:\r\n[^\r]+)*\r\n\r\n(.*)\r\n$/s
                  ? ($1 => $2) : () } split /--\Q$boundary\E/, $req->{body};

    my $e = $json->decode($f{element});
    my $r = $store{Leads}{ $e->{id} };

    %$r = (%$r, %$e);

    return answer(200, { success => JSON::PP::true, result => $r });
}
