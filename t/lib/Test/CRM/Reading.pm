package Test::CRM::Reading;

# What a backend would do with a request that reaches it, read from the vendors'
# descriptions alone and as forgivingly as any of them might: escapes decoded,
# slashes merged, names in any case, overridden methods followed, the first and
# the last of two. No table and no code of the module is used here.
#
#   readings({ method, target, headers => [n, v..], body }, \%world)
#
# gives one text for each way to read it, none of them twice:
#
#   'update Leads/1 Leads/2', 'create Leads', 'convert Leads/1', 'delete Deals/*'
#
# '*': whatever the backend finds; '' for a read and for what writes no record;
# several requests in one are parted by "; ". The world says which records a
# backend finds by the value of a field (an upsert): $world->{find}->(module,
# field, value).

use strict;
use warnings;

use Exporter qw(import);

use Test::CRM::Lenient qw(lenient_json member elements scalar_text);

our @EXPORT_OK = qw(readings touched merged);

my @modules = qw(Leads Deals Contacts Tasks Notes);
my %module = map { lc $_ => $_ } @modules;

# Actions of the zoho API by what they are called in its documentation.
my %action = (
    mass_convert => 'convert', mass_change_owner => 'change_owner',
    assign_territories => 'territories', remove_territories => 'territories',
    enrol_in_cadences => 'cadences', unenrol_from_cadences => 'cadences',
    run_scoring_rules => 'scoring', map { $_ => $_ } qw(
        convert change_owner add_tags remove_tags blueprint approvals share
        cancel merge mass_update mass_delete),
);

my $override = qr/^x[-_](?:http[-_]method[-_]override|http[-_]method|method[-_]override)$/i;


sub readings {
    my ($req, $world) = @_;

    my %seen;

    for my $which (qw(first last)) {
        for my $method (methods($req)) {
            for my $target (targets($req->{target})) {
                my $act = act($req, $method, $target, $which, $world);

                $seen{$act} = 1;
            }
        }
    }

    return sort keys %seen;
}


# A reading with all records of a module that the same is done to in one place;
# each new record stands for itself.

sub merged {
    my ($reading) = @_;

    my (@out, %of);

    for my $act (split /; /, $reading) {
        my ($op, @r) = split / /, $act;

        @r == 1 && $r[0] !~ m{/} ? push @out, $act : push @{ $of{ "$op " . $r[0] =~ s{/.*}{}r } }, @r;
    }

    return join '; ', sort @out, map { (split / /)[0] . ' ' . join ' ', sort @{ $of{$_} } } keys %of;
}


# The records of a reading: 'Leads/1' with what is done to them.

sub touched {
    my ($reading) = @_;

    return map { my ($op, @r) = split / /; map { [$op, $_] } @r } split /; /, $reading;
}


# --- methods and targets --------------------------------------------------------

sub headers {
    my ($req, $name) = @_;

    my @h = @{ $req->{headers} };
    my @found;

    while (my ($n, $v) = splice @h, 0, 2) {
        push @found, $v if ref $name ? $n =~ $name : lc $n eq $name;
    }

    return @found;
}


# The method as sent, and each that it may be overridden with: by a header and the
# query any, by a form a POST. json-server says which: the header, of a POST;
# Directus knows none.

sub methods {
    my ($req) = @_;

    if (grep { lc($_->{segments}[0] // '') eq 'dir' } targets($req->{target})) {
        return uc $req->{method};
    }

    if (grep { lc($_->{segments}[0] // '') eq 'js' } targets($req->{target})) {
        my ($other) = $req->{method} eq 'POST' ? headers($req, 'x-http-method-override') : ();

        return uc(($other // '') =~ /^\s*(\w+)/ ? $1 : $req->{method});
    }

    my @form = $req->{method} eq 'POST' ? grep { $_->[0] =~ /^_?method$/i } form($req) : ();
    my @query = grep { $_->[0] =~ /^_method$/i } pairs($req->{target} =~ /\?(.*)/s);

    my %m = map { uc $_ => 1 } grep { /^\s*\w+\s*$/ }
            $req->{method}, headers($req, $override),
            map { $_->[1] } @form, @query;

    return map { s/\s//gr } sort keys %m;
}


sub form {
    my ($req, $between) = @_;

    return () unless grep { /form-urlencoded/i } headers($req, 'content-type');
    return pairs($req->{body}, $between);
}


sub decode {
    my ($s) = @_;

    $s =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;

    return $s;
}


sub pairs {
    my ($text, $between) = @_;

    return map { [ map { decode(($_ // '') =~ tr/+/ /r) } (split /=/, $_, 2)[0, 1] ] }
           grep { length } split $between || qr/[&;]/, $text // '';
}


# Segments and parameters, by ways to read a target.

sub targets {
    my ($target) = @_;

    $target =~ s{^https?://[^/?]*}{}i;
    $target =~ s/#.*//s;

    my ($path, $query) = split /\?/, $target, 2;
    my @paths = ($path);

    push @paths, decode($path), decode(decode($path)) if $path =~ /%/;
    shift @paths if @paths > 1 && $path =~ m{^/(?:js|dir)/}i;       # these decode
    push @paths, map { tr{\\}{/}r } @paths if join('', @paths) =~ /\\/;
    push @paths, map { s{;[^/]*}{}gr } @paths if join('', @paths) =~ /;/;

    my %seen;

    return map { { segments => [ split m{/}, $_ ], query => [ pairs($query) ] } }
           grep { !$seen{$_}++ } map { s/\?.*//sr } map { clean($_) } @paths;
}


# Slashes merged, dots resolved, none at the end.

sub clean {
    my ($path) = @_;

    my @out;

    for my $s (split m{/}, $path) {
        next if $s eq '' || $s eq '.';
        $s eq '..' ? pop @out : push @out, $s;
    }

    return join '/', @out;
}


sub module { return defined $_[0] ? $module{ lc $_[0] } : undef }


# An id as any backend may take it: a number is a number.

sub id {
    my ($id) = @_;

    $id =~ s/^[\s\0]+|[\s\0]+$//g;
    $id =~ s/^\+(?=\d)//;
    $id =~ s/^0+(?=\d)//;
    $id =~ s/^(\d+)(?:\.0*)?(?:[eE]\+?0+)?$/$1/;

    return $id;
}


sub ids { return map { id($_) } grep { /\S/ } map { split /[,\s]/ } @_ }


# --- the APIs ---------------------------------------------------------------------

my %api = (crm => \&zoho, rest => \&rest, js => \&rest, dir => \&directus);

sub act {
    my ($req, $method, $target, $which, $world) = @_;

    return '' if $method =~ /^(?:GET|HEAD|OPTIONS|TRACE|CONNECT|SEARCH)$/;

    my ($prefix, @s) = @{ $target->{segments} };
    my $api = defined $prefix ? $api{ lc $prefix } : undef;

    return '' unless $api;

    my $acts = $api->({ req => $req, method => $method, path => \@s, query => $target->{query},
                        which => $which, world => $world, api => lc $prefix });

    return join '; ', sort @$acts;
}


# told('update', 'Leads', ids): one act, its records in order, each once.

sub told {
    my ($op, $module, @ids) = @_;

    my %seen;

    return "$op $module" unless @ids;
    return "$op " . join ' ', sort grep { !$seen{$_}++ } map { "$module/$_" } @ids;
}


sub parameters {
    my ($q, $name) = @_;

    return map { $_->[1] } grep { $_->[0] =~ /^\Q$name\E(?:\[\d*\])?$/i } @{ $q->{query} };
}


sub body {
    my ($q) = @_;

    return $q->{body} ||= lenient_json($q->{req}{body} // '') || ['w', 'null'];
}


# POST|PUT|PATCH|DELETE v8/{module}, with all that stands behind it.

sub zoho {
    my ($q) = @_;

    my ($version, $first, $second, $third, $fourth, @more) = @{ $q->{path} };
    my $m = $q->{method};

    return [] unless defined $first;

    if (lc $version eq 'bulk') {
        return $m eq 'POST' && lc($second // '') eq 'write' ? ['bulk_write *'] : [];
    }

    return [] if $version !~ /^v[0-9.]+$/i;
    return composite($q) if lc $first eq '__composite_requests';
    return ['transfer *'] if lc $first eq 'users' && lc($fourth // '') eq 'transfer_and_delete';

    my $module = module($first);

    return [] unless $module;
    return zoho_many($q, $module) unless defined $second;
    return $m eq 'POST' ? upsert($q, $module) : [] if lc $second eq 'upsert' && !defined $third;

    return [] if lc($second) =~ /^(?:search|deleted)$/;      # no ids

    if (lc $second eq 'actions') {
        my $a = $action{ lc($third // '') } or return [];
        my @ids = zoho_list($q);

        return [ told($a, $module, @ids ? @ids : '*') ];
    }

    my $id = external($q) || id($second);

    if (!defined $third) {
        return [ told('update', $module, $id) ] if $m =~ /^(?:PUT|PATCH)$/ && same($q, $id);
        return [ told('update', $module, $id, zoho_ids($q)) ] if $m =~ /^(?:PUT|PATCH)$/;
        return [ told('delete', $module, $id) ] if $m eq 'DELETE';
        return [];
    }

    if (lc $third eq 'actions') {
        my $a = $action{ lc($fourth // '') } or return [];

        return $a eq 'merge' ? [ told($a, $module, '*') ] : [ told($a, $module, $id) ];
    }

    return [ told('photo', $module, $id) ] if lc $third eq 'photo' && $m =~ /^(?:POST|DELETE)$/;
    return [ told('lock', $module, $id) ] if lc $third eq 'locking_information__s';

    # {module}/{id}/{related}[/{rid}]: a module's name writes records of that, too
    my $related = module($third);

    return [ told('related', $module, $id),
             $related && $related ne 'Notes' ? told('related', $related, '*') : () ];
}


# Nobody judges what a field names: that must not come here where rules are.

sub external { return (map { "external:$_" } headers($_[0]{req}, qr/^x[-_]external$/i))[0] }


# Whether the body's ids are the path's, as far as it has any.

sub same {
    my ($q, $id) = @_;

    return !grep { $_ ne ($id // '') } zoho_ids($q);
}


sub zoho_items {
    my ($q) = @_;

    my $data = member(body($q), 'data', $q->{which});

    return () unless $data;
    return $data->[0] eq 'a' ? elements($data) : $data->[0] eq 'o' ? $data : ();
}


sub zoho_ids {
    my ($q) = @_;

    return map { id($_) } grep { defined } map { scalar_text(member($_, 'id', $q->{which})) } zoho_items($q);
}


# What an action's list names: query, ids, data.

sub zoho_list {
    my ($q) = @_;

    my $body = body($q);

    return ('*') if grep { my $v = member($body, $_, $q->{which}); $v && ($v->[1] // '') ne 'null' } qw(cvid criteria);

    return (ids(parameters($q, 'ids')), zoho_ids($q),
            map { id($_) } grep { defined } map { scalar_text($_) } elements(member($body, 'ids', $q->{which})));
}


sub zoho_many {
    my ($q, $module) = @_;

    my $m = $q->{method};

    return [ map { told('create', $module) } zoho_items($q) ] if $m eq 'POST';
    return [ told($m eq 'DELETE' ? 'delete' : 'update', $module, external($q)) ] if external($q);

    if ($m =~ /^(?:PUT|PATCH)$/) {
        my @ids = zoho_ids($q);
        return @ids ? [ told('update', $module, @ids) ] : [];
    }

    my @ids = $m eq 'DELETE' ? ids(parameters($q, 'ids')) : ();

    return @ids ? [ told('delete', $module, @ids) ] : [];
}


# A record that is found by a field's value is updated, others are created.

sub upsert {
    my ($q, $module) = @_;

    my @fields = map { scalar_text($_) // () } elements(member(body($q), 'duplicate_check_fields', $q->{which}));
    my (@update, @create);

    @fields = $q->{world}{fields}->($module) unless @fields;

    for my $item (zoho_items($q)) {
        my $id = scalar_text(member($item, 'id', $q->{which}));
        my ($found) = defined $id ? id($id)
            : map { my $v = scalar_text(member($item, $_, $q->{which}));
                    defined $v ? $q->{world}{find}->($module, $_, $v) : () } @fields;

        defined $found ? push @update, $found : push @create, told('create', $module);
    }

    return [ @create, @update ? told('update', $module, @update) : () ];
}


sub composite {
    my ($q) = @_;

    return [] if ($q->{depth} || 0) > 2;

    return [ map { my $act = inner($q, $_); length $act ? split /; /, $act : () }
             elements(member(body($q), '__composite_requests', $q->{which})) ];
}


sub inner {
    my ($q, $r) = @_;

    my ($method, $uri) = map { scalar_text(member($r, $_, $q->{which})) // '' } qw(method uri);
    my ($headers, $params, $body) = map { member($r, $_, $q->{which}) } qw(headers params body);
    my @h = map { $_->[0], scalar_text($_->[1]) // '' } $headers && $headers->[0] eq 'o' ? @$headers[1 .. $#$headers] : ();
    my @p = map { [ $_->[0], scalar_text($_->[1]) // '' ] } $params && $params->[0] eq 'o' ? @$params[1 .. $#$params] : ();

    for my $target (targets($uri)) {
        my $req = { method => $method, target => $uri, headers => \@h, body => '' };
        my ($m) = grep { $_ ne uc $method } methods($req);
        my ($prefix, @s) = @{ $target->{segments} };

        return join '; ', sort @{ zoho({ req => $req, method => $m || uc $method, path => \@s,
            query => [ @{ $target->{query} }, @p ], which => $q->{which}, world => $q->{world},
            body => $body || ['w', 'null'], depth => ($q->{depth} || 0) + 1 }) }
            if uc $method ne 'GET' || $m;
    }

    return '';
}


# POST {module}; PUT, PATCH, DELETE {module}/{id}.

sub rest {
    my ($q) = @_;

    my ($first, $id, $nested, @more) = @{ $q->{path} };
    my ($module, $m) = (module($first), $q->{method});

    return [] unless $module && !@more;

    # json-server: POST posts/1/comments
    return $m eq 'POST' && module($nested) ? [ told('create', module($nested)) ] : [] if defined $nested;
    return $m eq 'POST' ? [ told('create', $module) ] : [] unless defined $id;

    my $sent = scalar_text(member(body($q), 'id', $q->{which}));

    $sent //= (map { $_->[1] } grep { $_->[0] eq 'id' } form($q->{req}, '&'))[0];

    my @ids = (id($id), defined $sent && $m ne 'DELETE' ? id($sent) : ());

    return $m =~ /^(?:PUT|PATCH)$/ ? [ told('update', $module, @ids) ]
         : $m eq 'DELETE' ? [ told('delete', $module, @ids) ] : [];
}


# items/{collection}[/{key}], several by keys or by the items' own ids.

sub directus {
    my ($q) = @_;

    my ($items, $first, $id, @more) = @{ $q->{path} };
    my ($module, $m) = (module($first), $q->{method});

    return [] unless $module && lc $items eq 'items' && !@more;

    my $body = body($q);
    my @all = elements($body);

    if (defined $id) {
        my $sent = scalar_text(member($body, 'id', $q->{which}));

        return [ told('update', $module, id($id), defined $sent ? id($sent) : ()) ] if $m eq 'PATCH';
        return $m eq 'DELETE' ? [ told('delete', $module, id($id)) ] : [];
    }

    return [ map { told('create', $module) } $body->[0] eq 'a' ? @all : $body ] if $m eq 'POST';
    return [] unless $m =~ /^(?:PATCH|DELETE)$/;

    my $op = $m eq 'PATCH' ? 'update' : 'delete';
    my @keys = map { scalar_text($_) // () } elements(member($body, 'keys', $q->{which}));

    my $query = member($body, 'query', $q->{which});

    return [ told($op, $module, '*') ] if $query && ($query->[1] // '') ne 'null';
    @keys = map { scalar_text($_->[0] eq 'o' ? member($_, 'id', $q->{which}) : $_) // () } @all unless @keys;

    return @keys ? [ told($op, $module, map { id($_) } @keys) ] : [];
}

1;
