package Test::CRM::Hostile;

# Write requests, valid and hostile, as bytes: hostile(N) gives one, by the
# numbers of srand() alone. About a third are as a good client sends them; the
# others have one to three things wrong with their target, query, headers, body
# or framing.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(hostile);

my @ids = (1 .. 6, '5843104000000123456');
my @modules = (('Leads') x 5, ('Deals') x 3, 'Contacts', 'Tasks');
my $serial = 1000;

sub one    { return $_[ rand @_ ] }
sub chance { return rand() < $_[0] }
sub some   { my ($most, $sub) = @_; return map { $sub->() } 1 .. 1 + int rand $most }


# One request, or two in one piece: (bytes, whether its end never comes).

sub hostile {
    my ($case) = @_;

    my $q = one(\&zoho, \&zoho, \&zoho, \&zoho_action, \&zoho_action, \&rest, \&json_server, \&directus)->();

    $q->{headers} ||= [];
    unshift @{ $q->{headers} }, 'X-Case' => $case;

    if (chance(0.6)) {
        one(\&spoil_target, \&spoil_target, \&spoil_query, \&spoil_headers, \&spoil_body,
            \&spoil_body, \&spoil_method, \&spoil_framing)->($q) for 1 .. 1 + int rand 3;
    }

    my $bytes = bytes($q);

    if (chance(0.03)) {
        my $second = one(\&zoho, \&rest)->();

        $second->{headers} = ['X-Case' => $case];
        $bytes =~ s/Connection: close\r\n//;
        $bytes .= bytes($second);
    }

    return ($bytes, ($q->{framing} || '') =~ /^(?:long|twice)$/);
}


# --- what good clients send -------------------------------------------------------

sub amount { return ++$serial }

# An id in a body, a record, a list of them.
sub quoted { my $id = shift // one(@ids); return chance(0.7) ? "\"$id\"" : $id }

sub record {
    my ($id) = @_;

    my @m = ('"Amount":' . amount(),
             chance(0.3) ? '"City":"Bern ' . amount() . '"' : (),
             chance(0.2) ? '"Email":"e' . one(@ids) . '@x.test"' : (),
             chance(0.1) ? '"Items":[{"id":"' . one(@ids) . '","n":1}]' : (),
             chance(0.1) ? '"Account":{"id":"' . one(@ids) . '"}' : (),
             chance(0.05) ? '"data":[{"id":"' . one(@ids) . '"}]' : ());

    @m = sort { rand() <=> 0.5 } @m;
    splice @m, rand @m + 1, 0, '"id":' . quoted($id) if defined $id;

    return '{' . join(',', @m) . '}';
}

# Different ones.
sub several {
    my %seen;
    return grep { !$seen{$_}++ } some(5, sub { one(@ids) });
}

sub version { return chance(0.85) ? 'v8' : one(qw(v2 v2.1 v3 v9 v10 v08 v1 V8 v8.0 v)) }

sub data {
    my @more = (chance(0.1) ? '"trigger":["workflow"]' : (), chance(0.05) ? '"lar_id":"1"' : (),
                chance(0.05) ? '"duplicate_check_fields":["Email"]' : ());
    my @members = ('"data":[' . join(',', @_) . ']', @more);

    return '{' . join(',', chance(0.5) ? @members : reverse @members) . '}';
}

sub zoho {
    my ($m, $v, $id) = (one(@modules), version(), one(@ids));
    my $at = "/crm/$v/$m";

    return one(
        sub { { method => 'POST', target => $at, body => data(some(3, sub { record() })) } },
        sub { { method => one('PUT', 'PUT', 'PATCH'), target => "$at/$id",
                body => data(record(one($id, undef, undef, one(@ids)))) } },
        sub { { method => 'PUT', target => $at, body => data(map { record($_) } several()) } },
        sub { { method => 'DELETE', target => "$at/$id" } },
        sub { { method => 'DELETE', target => "$at?ids=" . join(',', several())
                    . (chance(0.2) ? '&wf_trigger=' . one(qw(true false)) : '') } },
        sub { { method => 'POST', target => "$at/upsert", body => upsert() } },
        sub { composite($v) },
        sub { external($at, $m, "x$id") },
    )->();
}

# Records by the value of a field.
sub external {
    my ($at, $module, $name) = @_;

    my $q = one(
        sub { { method => one('PUT', 'PATCH'), target => "$at/$name", body => data(record()) } },
        sub { { method => 'PUT', target => $at, body => data(map { record() =~ s/^\{/{"Ext":"x$_",/r } several()) } },
        sub { { method => 'PUT', target => $at, body => data(map { record("x$_") } several()) } },
        sub { { method => 'POST', target => "$at/upsert", body => data(map { record() =~ s/^\{/{"Ext":"x$_",/r } several(), 98) } },
        sub { { method => 'POST', target => $at, body => data(record() =~ s/^\{/{"Ext":"x97",/r) } },
        sub { { method => 'DELETE', target => "$at/$name" } },
        sub { { method => 'DELETE', target => "$at?ids=" . join(',', map { "x$_" } several()) } },
        sub { { method => 'POST', target => "$at/$name/actions/" . one(qw(change_owner add_tags)), body => '{}' } },
    )->();

    $q->{headers} = [ 'X-EXTERNAL' => one(($module) x 9, 'Leads') . '.Ext' ];

    return $q;
}

sub upsert {
    my $fields = chance(0.6) ? ',"duplicate_check_fields":[' . one('"Email"', '"Email","Phone"', '"City"') . ']' : '';
    my @r = some(3, sub { my $r = record(chance(0.1) ? one(@ids) : undef);
                          $r =~ /"Email"/ ? $r : $r =~ s/\}$/',"Email":"e' . one(@ids, 98, 99) . '@x.test"}'/er });

    return '{"data":[' . join(',', @r) . "]$fields}";
}

sub composite {
    my ($v) = @_;

    my @inner = some(5, sub {
        my $q = chance(0.6) ? one(sub { zoho_simple($v) }, sub { zoho_simple($v) }, \&zoho_action,
                                  sub { { method => 'POST', target => "/crm/$v/" . one(@modules) . '/upsert', body => upsert() } })->()
                            : { method => 'GET', target => "/crm/$v/Leads/" . one(@ids) };

        spoil_target($q) if chance(0.1);

        my $body = defined $q->{body} && $q->{body} =~ /^\{/ ? ",\"body\":$q->{body}" : '';
        my $headers = chance(0.05) ? ',"headers":{"' . one('X-HTTP-Method-Override', 'X-EXTERNAL', 'a') . '":"PUT"}' : '';

        "{\"method\":\"$q->{method}\",\"uri\":\"" . $q->{target} =~ s/(["\\])/\\$1/gr . "\"$headers$body}";
    });

    return { method => 'POST', target => "/crm/$v/__composite_requests",
             body => '{"__composite_requests":[' . join(',', @inner) . ']}' };
}

sub zoho_simple {
    my ($v) = @_;

    my $at = "/crm/$v/" . one(@modules);
    my $id = one(@ids);

    return one({ method => 'POST', target => $at, body => data(record()) },
               { method => 'PUT', target => "$at/$id", body => data(record()) },
               { method => 'PUT', target => $at, body => data(map { record($_) } several()) },
               { method => 'DELETE', target => "$at?ids=" . join(',', several()) },
               { method => 'DELETE', target => "$at/$id" });
}

sub zoho_action {
    my $at = '/crm/' . version() . '/' . one(@modules);
    my $id = one(@ids);
    my $list = join ',', map { quoted($_) } several();
    my $form = "--x\r\n\r\nid=1\r\n--x--\r\n";

    return one(
        sub { { method => 'POST', target => "$at/$id/actions/" . one(qw(convert change_owner add_tags remove_tags
                    approvals share cancel merge clone send_mail unheard_of)), body => one('{}', data(record(one(@ids)))) } },
        sub { { method => 'PUT', target => "$at/$id/actions/" . one(qw(blueprint run_scoring_rules)), body => '{}' } },
        sub { { method => 'POST', target => "$at/actions/" . one(qw(mass_update mass_delete mass_convert change_owner
                    add_tags remove_tags mass_change_owner assign_territories enrol_in_cadences)),
                body => one("{\"ids\":[$list]}", "{\"data\":[" . join(',', map { record($_) } several()) . ']}',
                            '{"cvid":"9"}', "{\"ids\":[$list],\"criteria\":{}}", '{}') } },
        sub { { method => 'POST', target => "$at/actions/add_tags?tag_names=a&ids=" . join(',', several()) } },
        sub { { method => one(qw(POST DELETE)), target => "$at/$id/photo", body => $form,
                headers => ['Content-Type' => 'multipart/form-data; boundary=x'] } },
        sub { { method => one(qw(POST PUT DELETE)), target => "$at/$id/" . one(qw(Notes Products Leads Deals leads
                    Locking_Information__s)) . (chance(0.5) ? '/' . one(@ids) : ''), body => '{"data":[{"id":"7"}]}' } },
        sub { { method => 'POST', target => '/crm/bulk/v8/' . one(qw(write read)), body => '{"operation":"update"}' } },
        sub { { method => 'POST', target => '/crm/v8/users/7/actions/transfer_and_delete', body => '{}' } },
        sub { { method => 'POST', target => '/crm/v8/' . one(qw(coql actions/search functions/f/actions/execute files
                    actions/watch Leads/search settings/modules graphql)), body => '{"data":[{"id":"1"}]}' } },
    )->();
}

sub rest {
    my $at = '/rest/' . one(@modules);
    my $id = one(@ids);

    return one(
        { method => 'POST', target => $at, body => record() },
        { method => one(qw(PUT PATCH)), target => "$at/$id", body => record(one($id, undef, undef, one(@ids))) },
        { method => 'DELETE', target => "$at/$id" });
}

sub json_server {
    my $q = rest();

    $q->{target} =~ s{^/rest}{/js};

    if (chance(0.3) && $q->{body}) {
        my @m = $q->{body} =~ /"(\w+)":("[^"]*"|\d+)/g;
        my @f;

        while (my ($n, $v) = splice @m, 0, 2) {
            push @f, "$n=" . $v =~ s/"//gr =~ s/ /+/gr;
        }

        $q->{body} = join '&', @f;
        $q->{headers} = ['Content-Type' => 'application/x-www-form-urlencoded'];
    }

    if (chance(0.15)) {
        push @{ $q->{headers} }, 'X-HTTP-Method-Override' => $q->{method};
        $q->{method} = 'POST' if chance(0.8);
    }

    return $q;
}

sub directus {
    my $at = '/dir/items/' . one(@modules);
    my $id = one(@ids);
    my @ids = several();
    my $keys = '"keys":[' . join(',', map { quoted($_) } @ids) . ']';

    return one(
        { method => 'POST', target => $at, body => one(record(), '[' . join(',', some(3, sub { record() })) . ']') },
        { method => 'PATCH', target => "$at/$id", body => record() },
        { method => 'DELETE', target => "$at/$id" },
        { method => 'PATCH', target => $at, body => "{$keys,\"data\":" . record() . '}' },
        { method => 'PATCH', target => $at, body => '[' . join(',', map { record($_) } @ids) . ']' },
        { method => 'DELETE', target => $at, body => one("{$keys}", '[' . join(',', map { quoted($_) } @ids) . ']') },
        { method => 'PATCH', target => $at, body => '{"query":{"filter":{}},"data":' . record() . '}' });
}


# --- what others send ----------------------------------------------------------------

sub spoil_target {
    my ($q) = @_;

    my ($path, $query) = split /\?/, $q->{target}, 2;
    my @at = map { $_->[0] } grep { $_->[1] eq '/' } map { [ $_, substr $path, $_, 1 ] } 0 .. length($path) - 1;
    my $at = one(@at);

    one(
        sub { substr $path, $at, 1, one('//', '/./', '/x/../', '/%2e/', '/%2e%2e/', '%2f', '%2F', '%252f', '\\', '%5c',
                                        '/;a/', '/%c0%af', "/\t") },
        sub { my $i = rand length $path; substr $path, $i, 1, sprintf one('%%%02x', '%%%02X', '%%25%02x'), ord substr $path, $i, 1 },
        sub { $path .= one('/', '//', ';x=1', '#x', '%00', '%00x', '%20', '+', '%3fids=2', '%23', '.', '.json', '/.', '/..',
                           '%0d%0a', "\xff", '%ff', '~', ',2', '%2c2') },
        sub { $path =~ s{/(\d+)$}{'/' . one("0$1", "+$1", "$1.0", "%20$1", "$1e0", "%ef%bc%9$1", "-$1", "0x$1", "$1_", "$1,2")}e },
        sub { $path =~ s{^/(\w+)}{one('/' . uc $1, "//$1", "/./$1", "/x/../$1", "http://other/$1", "/%2e%2e/$1", "/$1;x")}e },
        sub { $path =~ s{/([A-Z])(\w+)}{'/' . one(lc "$1$2", uc "$1$2", lcfirst "$1$2", "$1$2s", "$1$2\@")}e },
    )->();

    $q->{target} = defined $query ? "$path?$query" : $path;
}

sub spoil_query {
    my ($q) = @_;

    my $more = one('ids=' . one(@ids), '%69ds=' . one(@ids), 'IDS=1', 'ids[]=1', 'id=1', '_method=DELETE', '_METHOD=PUT',
                   '%5fmethod=DELETE', 'x=1;ids=1', 'ids', 'ids=', 'wf_trigger=false', 'wf_trigger=FALSE', 'fields=a', 'trigger=',
                   'ids=1%2C2', 'ids=%201', 'ids=1%00', 'ids=01', 'a', '&', 'over_write=true', '_method=GET', 'access_token=x');

    if (chance(0.3)) {
        $q->{target} =~ s/(ids=)/$1 . one(one(@ids) . ',', '%31,', '0', ',', ' ', '+')/e;
        return;
    }

    $q->{target} .= ($q->{target} =~ /\?/ ? '&' : '?') . $more;
    $q->{target} =~ s/\?(.*)&(.*)/?$2&$1/ if chance(0.4);
}

sub spoil_headers {
    my ($q) = @_;

    my $method = one(qw(PUT DELETE GET POST PATCH delete));

    push @{ $q->{headers} }, one(
        [ one('X-HTTP-Method-Override', 'x-http-method-override', 'X-HTTP-Method', 'X-Method-Override',
              'X_HTTP_Method_Override', 'X-HTTP_Method-Override'), $method ],
        [ 'X-HTTP-Method-Override', $method, 'X-HTTP-Method-Override', one(qw(PUT DELETE)) ],
        [ one('X-EXTERNAL', 'X-External', 'X_EXTERNAL'), one('Leads', @modules) . '.' . one('Ext', 'Email', 'id') ],
        [ 'Content-Type', one('application/json', 'application/json; charset=utf-8', 'application/json; charset=utf-16',
              'application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'application/JSON',
              'application/merge-patch+json', 'application/json, text/plain', '') ],
        [ 'Content-Type', 'application/json', 'Content-Type', 'application/x-www-form-urlencoded' ],
        [ 'Content-Encoding', one('gzip', 'identity', 'deflate', 'identity, gzip', '') ],
        [ one('CRM-Event', 'CRM-Chain', 'CRM-Anything', 'crm-event', 'CRM_Event'), 'x' x 26 ],
        [ 'Connection', one('close, X-Case', 'close, Content-Length', 'close, Content-Type', 'Upgrade, close') ],
        [ 'Range', 'bytes=0-5' ], [ 'Content-Range', 'bytes 0-5/9' ], [ 'Expect', '100-continue' ],
        [ 'Upgrade', 'h2c' ], [ 'If-Unmodified-Since', 'Mon, 02 Jan 2006 15:04:05 GMT' ],
        [ 'X-Idea', 'allowed|update|Leads|2' ], [ 'Host', 'other' ], [ "X-A", "1\n X-HTTP-Method: PUT" ],
        [ 'X-CRM-User', '1' ], [ 'X-Automation-Source', 'import' ], [ 'Accept-Encoding', 'gzip' ],
    )->@*;
}

sub spoil_body {
    my ($q) = @_;

    if (chance(0.05)) {
        $q->{body} = one('_method=DELETE', '_method=PUT&id=1', 'data=%7B%7D&_method=delete');
        push @{ $q->{headers} }, 'Content-Type' => one('application/x-www-form-urlencoded',
            'Application/X-WWW-Form-Urlencoded;charset=utf-8', 'application/json, application/x-www-form-urlencoded');
        return;
    }

    my $b = \($q->{body} //= one('', '{}', '{"ids":["1"]}', '["1"]', '{"keys":["1"]}'));
    my $id = one(@ids);

    one(
        sub { $$b =~ s/"(id|ids|data|keys|Amount|method|uri|body)"/my $k = $1; my $i = int rand length $k;
                       '"' . substr($k, 0, $i) . sprintf('\\u%04x', ord substr $k, $i, 1) . substr($k, $i + 1) . '"'/e },
        sub { $$b =~ s/"id":("?\w+"?)/'"id":' . one("$1,\"id\":\"$id\"", "\"$id\",\"\\u0069d\":$1", "$1.0", "${1}e0", "[$1]",
                       "{\"id\":$1}", 'null', 'true', "\" $id\"", "\"0$id\"", "\"\\u003$id\"")/e },
        sub { $$b =~ s/"data":(\[.*\])/'"data":' . one("$1,\"data\":[{\"id\":\"$id\"}]", "{\"id\":\"$id\"}", "[$1]", "null",
                       "[],\"d\\u0061ta\":$1", "$1,\"Data\":[{\"id\":\"$id\"}]", "\"x\"")/e },
        sub { $$b =~ s/\{/"{\"id\":\"$id\","/e },
        sub { $$b =~ s/\[\{/"[{\"id\":\"$id\"},{"/e },
        sub { $$b =~ s/\}\]/one('},]', '}, {}]', "},{\"id\":\"$id\"}]", '},null]', '}}]')/e },
        sub { $$b = one("\xef\xbb\xbf$$b", "$$b garbage", "$$b$$b", "/*x*/$$b", "$$b\0", " \n$$b\t", "[$$b]", "\"$$b\"") },
        sub { $$b =~ s/"/'/g },
        sub { substr $$b, rand(1 + length $$b), 0, one("\0", "\xff", "\xc0\xaf", ',', '}', ']', '"', '\\', "\x01", '{', '[') },
        sub { substr $$b, rand(1 + length $$b), 1, '' },
        sub { $$b =~ s/:(\d+)/':' . one("0$1", "+$1", "$1.0", "${1}e400", "-$1", "0x$1", "1" x 400, 'NaN')/e },
        sub { $$b =~ s/("Amount":\d+)/one("$1,$1", "$1,\"amount\":7", "\"A\\u006dount\":1,$1", "$1,\"\":1",
                       "$1,\"ID\":\"$id\"", "$1,\"id \":\"$id\"", "$1,\"__proto__\":{\"id\":\"$id\"}")/e },
        sub { $$b =~ s/([{,\[])/"$1" . one(' ', "\n", "\t\r\n ", "\f", "\xc2\xa0")/ge },
        sub { $$b =~ s/=/one('%3d', '==', '[]=')/e; $$b .= one('&id=' . $id, '&_method=DELETE', ';id=' . $id, '&i%64=' . $id, '&id[]=' . $id) },
        sub { $$b =~ s/"keys":\[/"\"keys\":[" . one("\"$id\",", "[\"$id\"],", "{\"id\":\"$id\"},", '')/e;
              $$b =~ s/\}$/one(',"query":{}}', ",\"keys\":[\"$id\"]}", ',"query":null}', '}')/e },
    )->();
}

sub spoil_method {
    my ($q) = @_;

    $q->{method} = one(qw(GET POST PUT PATCH DELETE HEAD OPTIONS MOVE COPY FOO put PuT SEARCH MKCOL PROPPATCH LINK REPORT TRACE));
}

sub spoil_framing {
    my ($q) = @_;

    $q->{framing} = one(qw(chunked chunked extension short long none twice sign lines version both tabs));
}


# --- bytes -------------------------------------------------------------------------------

sub chunks {
    my ($body, $extension) = @_;

    my $size = 1 + int rand 40;

    return join('', map { sprintf "%x%s\r\n%s\r\n", length, $extension ? ';a="b"' : '', $_ } unpack "(a$size)*", $body)
           . "0\r\n\r\n";
}

sub bytes {
    my ($q) = @_;

    my $f = $q->{framing} || '';
    my $body = $q->{body} // '';
    my @h = @{ $q->{headers} || [] };
    my %seen = map { lc $h[2 * $_] => 1 } 0 .. $#h / 2;
    my $n = length $body;

    push @h, 'Content-Type', 'application/json' if $n && !$seen{'content-type'} && $f ne 'none';
    push @h, 'Transfer-Encoding', 'chunked' if $f =~ /^(?:chunked|extension|both)$/;
    push @h, 'Content-Length', $f eq 'short' ? int rand 1 + $n : $f eq 'long' ? $n + 1 + int rand 9 : $f eq 'sign' ? "+$n" : $n
        if $f !~ /^(?:chunked|extension)$/ && ($n || chance(0.1));
    push @h, 'Content-Length', $n + 1 if $f eq 'twice';
    unshift @h, Host => 'x' unless $f eq 'version' && chance(0.5);
    push @h, Connection => 'close' unless $seen{connection};
    $body = chunks($body, $f eq 'extension') if $f =~ /^(?:chunked|extension|both)$/;

    my $text = "$q->{method} $q->{target} HTTP/1." . ($f eq 'version' ? 0 : 1) . "\r\n";

    while (my ($name, $v) = splice @h, 0, 2) {
        $text .= "$name:" . ($f eq 'tabs' ? "\t" : ' ') . "$v\r\n";
    }

    $text =~ s/\r\n/\n/g if $f eq 'lines';

    return $text . ($f eq 'lines' ? "\n" : "\r\n") . $body;
}

1;
