#!/usr/bin/perl
#
# A small stateful CRM for the demo and the tests. It speaks the zoho shapes:
#
#   POST   /crm/v8/{module}            {"data":[{...}]}        201
#   PUT    /crm/v8/{module}[/{id}]     absent fields keep      200
#          with X-EXTERNAL: {module}.{field}, {id} is a value of that field
#   DELETE /crm/v8/{module}/{id}, ?ids=a,b                     200
#   POST   /crm/v8/{module}/upsert     by id or duplicate_check_fields 200
#   GET    /crm/v8/{module}/search?criteria=((F:equals:x)or(F:equals:y)) 200, 204
#   POST   /crm/v8/{module}/{id}/actions/add_tags, remove_tags 200
#   GET    /crm/v8/{module}/{id}/{other}   records of other that name the record
#   PUT    /crm/v8/{module}/{id}/{other}/{other's id}          200
#   POST   /crm/v8/{module}/{id}/Attachments   a form with a file; 200
#   POST   /crm/v8/Leads/{id}/actions/convert  an account and a contact; 200
#   POST   /crm/v8/__composite_requests  each of the above, in order: 200 or 207
#   GET    /crm/v8/{module}[/{id}], ?ids=a,b, ?__event=ID      200 or 204
#          &fields=A,B &sort_by=Created_Time &sort_order=desc &per_page &page
#
# Records are kept as text: a value is what the client sent, digit for digit.
# Created_Time and Modified_Time are the CRM's own, to the second.
# A create's CRM-Event (or Idempotency-Key) is remembered, so that the record
# can be found by it: the answer to ?__event=ID, of one record or none, carries
# the header CRM-Event. With /__lookup?event=0 it does as CRMs that know nothing
# of events do: the parameter is ignored and all records are listed.
#
#   demo-crm.pl [--port N] [--port-file F] [--log F]
#
# For tests, none of it logged:
#   GET  /__log                 the requests so far, one JSON object a line
#   POST /__reset               forgets records, log, faults, delays
#   POST /__seed/{module}/{id}  stores the body (a bare object) as the record;
#                               Created_Time and Modified_Time may stand in it
#   GET  /__record/{module}/{id}  the record as it is stored
#   POST /__delay?ms=N[&method=PUT][&match=TEXT][&times=N]
#   POST /__release             ends the delays: what waits is answered now
#   POST /__lookup?event=0|1
#   POST /__fail?fault=reset|half|truncate|silent|garbage|html|gzip|other|short|status|empty
#        [&status=500][&commit=1][&method=PUT][&match=TEXT][&times=N]
#        commit=1: done, then failed. half: reset in the middle of the body;
#        other: the answer names another record's id; short: it does not name
#        the last record; empty: 204; match: of requests whose path has that

use strict;
use warnings;

use File::Basename qw(dirname);
use Getopt::Long;
use IO::Compress::Gzip qw(gzip);
use POSIX qw(strftime);

use lib dirname(__FILE__) . '/../lib';
use Test::CRM::Httpd;
use Test::CRM::RawJson;

my ($port, $port_file, $log_file) = (0);

GetOptions('port=i' => \$port, 'port-file=s' => \$port_file,
           'log=s' => \$log_file) or exit 64;

# What the CRM writes itself.
my %own = map { $_ => 1 } qw(id Created_Time Modified_Time);

my (%store, %by_event, @log, @faults, @delays);
my ($next_id, $knows_events) = (1, 1);

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

    return admin($req) if $req->{path} =~ m{^/__};

    push @log, log_entry($req);

    if ($log_file && open my $fh, '>>', $log_file) {
        print $fh "$log[-1]\n";
    }

    my $fault = pick(\@faults, $req);
    my $delay = pick(\@delays, $req);
    my $a;

    if ($fault && !$fault->{commit}) {
        $a = error(500, 'INTERNAL_ERROR', '{}', 'the demo CRM was told to fail');
    } else {
        $a = route($req);
    }

    if ($fault) {
        spoil($a, $fault);
    }

    $a->{delay_ms} = $delay->{ms} if $delay;

    return $a;
}


# What the client gets to see in place of the answer.

sub spoil {
    my ($a, $fault) = @_;

    my $what = $fault->{fault};

    if ($what eq 'status') {
        $a->{status} = $fault->{status} || 500;

    } elsif ($what eq 'empty') {
        ($a->{status}, $a->{body}) = (204, '');

    } elsif ($what eq 'html') {
        $a->{body} = "<html><body>All is well.</body></html>\n";
        $a->{headers} = ['Content-Type' => 'text/html'];

    } elsif ($what eq 'short') {
        $a->{body} =~ s/,\{"code"(?:(?!,\{"code").)*\](?=[^\]]*\z)/]/s;

    } elsif ($what eq 'gzip') {
        gzip(\(my $plain = $a->{body}), \$a->{body}) or die "gzip\n";
        push @{ $a->{headers} }, 'Content-Encoding' => 'gzip';

    } elsif ($what eq 'other') {
        $a->{body} =~ s/"id":"\d+"/"id":"4150868000000999999"/g;

    } else {
        $a->{fault} = $what;
    }
}


# The first entry that fits this request; used up when its times are.

sub pick {
    my ($list, $req) = @_;

    for my $i (0 .. $#$list) {
        my $e = $list->[$i];

        next if $e->{method} && $e->{method} ne $req->{method};
        next if $e->{match} && index($req->{path}, $e->{match}) < 0;

        if (defined $e->{times} && --$e->{times} <= 0) {
            splice @$list, $i, 1;
        }

        return $e;
    }

    return undef;
}


sub admin {
    my ($req) = @_;

    my $path = $req->{path};
    my %q = %{ $req->{query} };

    if ($path eq '/__log') {
        return plain(join '', map { "$_\n" } @log);
    }

    if ($path eq '/__reset') {
        (%store, %by_event, @log, @faults, @delays) = ();
        ($next_id, $knows_events) = (1, 1);
        return plain("ok\n");
    }

    if ($path eq '/__lookup') {
        $knows_events = $q{event};
        return plain("ok\n");
    }

    if ($path eq '/__clear_log') {
        @log = ();
        return plain("ok\n");
    }

    if ($path eq '/__delay') {
        @delays = ();
        push @delays, {%q} if $q{ms};
        return plain("ok\n");
    }

    if ($path eq '/__release') {
        @delays = ();
        return { %{ plain("ok\n") }, release => 1 };
    }

    if ($path eq '/__fail') {
        @faults = ();
        push @faults, {%q} if $q{fault};
        return plain("ok\n");
    }

    if ($path =~ m{^/__seed/(\w+)/(\w+)$}) {
        my $fields = raw_object($req->{body})
            or return { status => 400, body => "not an object\n" };

        put_record($1, $2, $fields, 1);
        return plain("ok\n");
    }

    if ($path =~ m{^/__record/(\w+)/(\w+)$}) {
        return $store{$1}{$2} ? plain(record_text($store{$1}{$2}))
                              : { status => 404, body => "no record\n" };
    }

    return { status => 404, body => "no such thing\n" };
}


sub route {
    my ($req) = @_;

    my ($module, $id) = $req->{path} =~
        m{^/crm/v\d+(?:\.\d+)?/([A-Za-z]\w*)(?:/(\w+))?$};

    return tags($1, $2, $3, $req)
        if $req->{method} eq 'POST' && $req->{path} =~
           m{^/crm/v\d+(?:\.\d+)?/([A-Za-z]\w*)/(\w+)/actions/(add|remove)_tags$};

    return convert($1, $req)
        if $req->{method} eq 'POST'
        && $req->{path} =~ m{^/crm/v\d+(?:\.\d+)?/Leads/(\w+)/actions/convert$};

    return related($1, $2, $3, $4, $req)
        if $req->{path} =~ m{^/crm/v\d+(?:\.\d+)?/([A-Za-z]\w*)/(\w+)/([A-Z]\w*)(?<!__s)(?:/(\w+))?$};

    return composite($req) if $req->{method} eq 'POST'
        && $req->{path} =~ m{^/crm/v\d+(?:\.\d+)?/__composite_requests$};

    if (defined $id && $id eq 'search' && $req->{method} eq 'GET') {
        return search($module, $req);
    }

    if (defined $id && $id eq 'upsert' && $req->{method} eq 'POST') {
        return write_all($module, $req, \&upsert);
    }

    my $m = $req->{method};
    my $external = $req->{header}{'x-external'};
    my @ids = split /,/, ($req->{query}{ids} || '');

    $id = named_by($module, $external, $id) if defined $id && $external;
    @ids = map { named_by($module, $external, $_) } @ids if $external;
    @ids = ($id) if defined $id;

    if ($module) {
        return find($module, $req, @ids)                  if $m eq 'GET';
        return write_all($module, $req, \&create)         if $m eq 'POST' && !$id;
        return write_all($module, $req, \&update, $id)    if $m eq 'PUT';
        return remove($module, @ids)                      if $m eq 'DELETE' && @ids;
    }

    return error(404, 'INVALID_URL_PATTERN', '{}',
                 'Please check if the URL trying to access is a correct one');
}


# The id of the record whose field has that value: X-EXTERNAL: Leads.Ext.

sub named_by {
    my ($module, $name, $value) = @_;

    my ($field) = $name =~ /^\Q$module\E\.(\w+)$/ or return 'none';

    return (having($module, $field, $value))[0] // 'none';
}


sub find {
    my ($module, $req, @ids) = @_;

    my $all = $store{$module} || {};
    my $q = $req->{query};
    my $event = $knows_events ? $q->{__event} : undef;
    my $one = @ids == 1;
    my @known = defined $event ? ('CRM-Event' => $event) : ();

    @ids = sort keys %$all unless @ids;
    @ids = grep { $by_event{$event}{$_} } @ids if defined $event;

    my @found = sorted($q, grep { $_ } map { $all->{$_} } @ids);
    my $per_page = $q->{per_page} || 200;
    my $page = $q->{page} || 1;
    my $more = @found > $page * $per_page ? 'true' : 'false';

    @found = splice @found, ($page - 1) * $per_page, $per_page;

    return { status => 204, headers => [@known] } unless @found;

    my %only = map { $_ => 1 } split /,/, $q->{fields} || '';
    my $data = join ',', map { record_text($_, \%only) } @found;
    my $info = $one ? '' : ",\"info\":{\"per_page\":$per_page,\"count\":"
        . @found . ",\"page\":$page,\"more_records\":$more}";
    my $a = reply(200, "{\"data\":[$data]$info}");

    push @{ $a->{headers} }, @known;

    return $a;
}


sub sorted {
    my ($q, @records) = @_;

    my %key = (id => 'id', Created_Time => 'created',
               Modified_Time => 'modified');
    my $by = $key{ $q->{sort_by} || 'id' } || 'id';

    @records = sort { $a->{$by} cmp $b->{$by} || $a->{id} cmp $b->{id} }
               @records;

    return ($q->{sort_order} || 'asc') eq 'desc' ? reverse @records : @records;
}


sub write_all {
    my ($module, $req, $one, $id) = @_;

    my $top = raw_object($req->{body});
    my ($data) = map { $_->[1] } grep { $_->[0] eq 'data' } @{ $top || [] };
    my $items = defined $data ? raw_array($data) : undef;

    if (!$items || !@$items) {
        return error(400, 'INVALID_DATA', '{"expected_data_type":"jsonarray",'
            . '"api_name":"data","json_path":"$.data"}', 'invalid data');
    }

    my ($good, @out) = (0);

    for my $item (@$items) {
        my $fields = raw_object($item);
        my ($ok, $text) = $fields ? $one->($module, $req, $fields, $id)
            : (0, item('INVALID_DATA', '{}', 'invalid data', 'error'));

        $good += $ok;
        push @out, $text;
    }

    my $status = !$good ? 400
        : $good < @out ? 207
        : $req->{method} eq 'POST' && $req->{path} !~ m{/upsert$} ? 201 : 200;

    return reply($status, '{"data":[' . join(',', @out) . ']}');
}


# Of another module: those that hold the record's id, as it is or as a lookup.

sub related {
    my ($module, $id, $other, $other_id, $req) = @_;
    my $m = $req->{method};

    return error(404, 'INVALID_URL_PATTERN', '{}', 'there is no such record')
        unless $store{$module}{$id};

    if ($other eq 'Attachments' && $m eq 'POST') {
        return $req->{body} =~ /filename="/
            ? write_all($other, { %$req, body => '{"data":[{"Parent":"' . $id . '"}]}' }, \&create)
            : error(400, 'INVALID_DATA', '{"api_name":"file"}', 'invalid data');
    }

    return write_all($other, $req, \&update, $other_id) if $m eq 'PUT' && $other_id;

    my @ids = grep {
        grep { $_->[1] =~ /^(?:"?\Q$id\E"?|\{.*"id"\s*:\s*"\Q$id\E".*\})$/ }
            @{ $store{$other}{$_}{fields} };
    } sort keys %{ $store{$other} || {} };

    return $m eq 'GET' ? @ids ? find($other, $req, @ids) : { status => 204 }
        : error(404, 'INVALID_URL_PATTERN', '{}', 'no such relation');
}


sub convert {
    my ($id, $req) = @_;
    my $lead = delete $store{Leads}{$id};

    return error(400, 'INVALID_DATA', '{}', 'the id given seems to be invalid') unless $lead;

    my ($company) = map { $_->[1] } grep { $_->[0] eq 'Company' } @{ $lead->{fields} };
    my @ids;

    for my $made ([ Accounts => [ Account_Name => $company || '""' ] ],
                  [ Contacts => @{ $lead->{fields} } ]) {
        my ($module, @fields) = @$made;
        my (undef, $text) = create($module, $req, \@fields);

        push @ids, $text =~ /"Created_Time":"[^"]*","id":"(\w+)"/;
    }

    return reply(200, '{"data":[' . item('SUCCESS', '{"Accounts":{"id":"' . $ids[0]
        . '"},"Contacts":{"id":"' . $ids[1] . '"}}', 'converted', 'success') . ']}');
}


# Each request in it, with the headers of the one around it.

sub composite {
    my ($req) = @_;

    my $top = raw_object($req->{body});
    my ($list) = map { $_->[1] } grep { $_->[0] eq '__composite_requests' } @{ $top || [] };
    my $inner = defined $list ? raw_array($list) : undef;

    return error(400, 'INVALID_DATA', '{"json_path":"$.__composite_requests"}', 'invalid data')
        if !$inner || @$inner > 5;

    my ($good, @out) = (0);

    for my $one (@$inner) {
        my %f = map { @$_ } @{ raw_object($one) || [] };
        my ($path, $query) = split /\?/, unquote($f{uri} || '""') =~ s{\\/}{/}gr, 2;
        my %query = map { /^([^=]*)=?(.*)/ } split /&/, $query // '';
        my %params = map { $_->[0] => unquote($_->[1]) } @{ raw_object($f{params} || '{}') || [] };

        my $a = route({ %$req, method => unquote($f{method} || '""'), path => $path,
                        query => { %query, %params }, body => $f{body} // '' });

        $good++ if $a->{status} < 300;
        push @out, item('SUCCESS', '{"response":{"headers":{},"body":' . ($a->{body} // 'null')
                        . ",\"status_code\":$a->{status}}}", 'sub-request done', 'success');
    }

    return reply($good == @out ? 200 : $good ? 207 : 400,
                 '{"__composite_responses":[' . join(',', @out) . ']}');
}


sub create {
    my ($module, $req, $fields) = @_;

    my $id = sprintf '4150868%012d', 624_000_000 + $next_id++;
    my $event = $req->{header}{'crm-event'} || $req->{header}{'idempotency-key'};

    $by_event{$event}{$id} = 1 if $event;
    put_record($module, $id, $fields);

    return (1, success($module, $id, 'record added'));
}


sub update {
    my ($module, $req, $fields, $id) = @_;

    if (!defined $id) {
        ($id) = map { $_->[1] =~ /^"?(\w+)"?$/ } grep { $_->[0] eq 'id' } @$fields;
    }

    my $r = defined $id ? $store{$module}{$id} : undef;

    return (0, no_record($id)) unless $r;

    for my $f (grep { !$own{ $_->[0] } } @$fields) {
        my ($old) = grep { $_->[0] eq $f->[0] } @{ $r->{fields} };

        if ($old) {
            $old->[1] = $f->[1];
        } else {
            push @{ $r->{fields} }, $f;
        }
    }

    $r->{modified} = stamp();

    return (1, success($module, $id, 'record updated'));
}


# By its id, or by the first of the fields that a record has, as the first of
# those records; else it is created.

sub upsert {
    my ($module, $req, $fields) = @_;

    my %member = map { $_->[0] => $_->[1] } @{ raw_object($req->{body}) };
    my $checks = raw_array($member{duplicate_check_fields} || '[]') || [];
    my %value = map { $_->[0] => $_->[1] } @$fields;
    my ($id, $field) = $value{id} ? $value{id} =~ /(\w+)/ : ();

    for my $name (map { unquote($_) } @$checks) {
        last if defined $id;
        next if !defined $value{$name} || $value{$name} =~ /^(?:null|"")$/;

        ($id) = having($module, $name, plain_text($value{$name}));
        $field = $name if defined $id;
    }

    my ($ok, $text) = defined $id ? update($module, $req, $fields, $id)
                                  : create($module, $req, $fields);

    my $did = defined $id ? 'update' : 'insert';

    $field = defined $field ? quote($field) : 'null';
    $text =~ s/\}$/,"action":"$did","duplicate_field":$field}/ if $ok;

    return ($ok, $text);
}


sub search {
    my ($module, $req) = @_;

    my ($text, %found) = ($req->{query}{criteria} // '');

    while ($text =~ /\((\w+):equals:((?:\\.|[^\\()])*)\)/g) {
        my ($field, $value) = ($1, $2);

        $found{$_} = 1 for having($module, $field, $value =~ s/\\(.)/$1/gr);
    }

    return { status => 204 } unless %found;

    return find($module, $req, sort(keys %found), '');
}


# Ids of the records whose field says this, in whatever case.

sub having {
    my ($module, $name, $text) = @_;

    return grep {
        my ($f) = grep { $_->[0] eq $name } @{ $store{$module}{$_}{fields} };
        $f && lc plain_text($f->[1]) eq lc $text;
    } sort keys %{ $store{$module} || {} };
}


sub plain_text { return $_[0] =~ /^"/ ? unquote($_[0]) : $_[0] }


# The field Tag of a record, by the names in the body.

sub tags {
    my ($module, $id, $what, $req) = @_;
    my $r = $store{$module}{$id};

    return reply(400, '{"data":[' . no_record($id) . ']}') unless $r;

    my ($tag) = grep { $_->[0] eq 'Tag' } @{ $r->{fields} };

    push @{ $r->{fields} }, $tag = [ 'Tag', '[]' ] unless $tag;

    my %asked = map { $_ => 1 } $req->{body} =~ /"name":("(?:[^"\\]|\\.)*")/g;
    my @names = grep { !$asked{$_} } $tag->[1] =~ /"name":("(?:[^"\\]|\\.)*")/g;

    push @names, sort keys %asked if $what eq 'add';

    $tag->[1] = '[' . join(',', map { "{\"name\":$_}" } @names) . ']';
    $r->{modified} = stamp();

    return reply(200, '{"data":[' . item('SUCCESS', "{\"id\":\"$id\"}", 'tags updated',
                                         'success') . '],"locked_count":0}');
}


sub remove {
    my ($module, @ids) = @_;

    my ($good, @out) = (0);

    for my $id (@ids) {
        if (delete $store{$module}{$id}) {
            $good++;
            push @out, item('SUCCESS', "{\"id\":\"$id\"}", 'record deleted',
                            'success');
        } else {
            push @out, no_record($id);
        }
    }

    my $status = !$good ? 400 : $good < @out ? 207 : 200;

    return reply($status, '{"data":[' . join(',', @out) . ']}');
}


# --- records ------------------------------------------------------------------

sub put_record {
    my ($module, $id, $fields, $seed) = @_;

    my $now = stamp();
    my %r = (id => $id, created => $now, modified => $now,
             fields => [ grep { !$own{ $_->[0] } } @$fields ]);

    for my $f ($seed ? @$fields : ()) {
        $r{created} = unquote($f->[1]) if $f->[0] eq 'Created_Time';
        $r{modified} = unquote($f->[1]) if $f->[0] eq 'Modified_Time';
    }

    $store{$module}{$id} = \%r;
}


# With names in %$only, those fields and the id.

sub record_text {
    my ($r, $only) = @_;

    my @all = (@{ $r->{fields} }, ['Created_Time', quote($r->{created})],
               ['Modified_Time', quote($r->{modified})]);

    @all = grep { $only->{ $_->[0] } } @all if $only && %$only;

    return '{' . join(',', "\"id\":\"$r->{id}\"",
                      map { quote($_->[0]) . ":$_->[1]" } @all) . '}';
}


sub success {
    my ($module, $id, $message) = @_;

    my $r = $store{$module}{$id};
    my $who = '{"id":"4150868000000225013","name":"Demo"}';

    return item('SUCCESS', "{\"Modified_Time\":\"$r->{modified}\","
        . "\"Modified_By\":$who,\"Created_Time\":\"$r->{created}\","
        . "\"id\":\"$id\",\"Created_By\":$who}", $message, 'success');
}


sub no_record {
    my ($id) = @_;

    return item('INVALID_DATA', '{"id":' . quote(defined $id ? $id : '') . '}',
                'the id given seems to be invalid', 'error');
}


sub item {
    my ($code, $details, $message, $status) = @_;

    return "{\"code\":\"$code\",\"details\":$details,"
           . "\"message\":\"$message\",\"status\":\"$status\"}";
}


sub error {
    my ($status, $code, $details, $message) = @_;

    return reply($status, item($code, $details, $message, 'error'));
}


sub reply {
    my ($status, $body) = @_;

    return { status => $status, body => $body,
             headers => ['Content-Type' => 'application/json;charset=UTF-8'] };
}


sub plain {
    return { status => 200, body => $_[0],
             headers => ['Content-Type' => 'text/plain'] };
}


sub stamp { return strftime('%Y-%m-%dT%H:%M:%S+00:00', gmtime) }
