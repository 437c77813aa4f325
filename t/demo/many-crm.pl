#!/usr/bin/perl
#
# A CRM of a million leads, for tests: none of them is stored. What a lead holds
# follows from its number and the seed, save what was written since. It speaks
# so much of the zoho dialect as counting scores anew asks for:
#
#   GET  /crm/v8/Leads?per_page=N[&page=N | &page_token=TOKEN]   by id; 204 behind
#        the last. Each answer that is not the last names the token of the next,
#        which stays right whatever is deleted; with --tokens 0 none does. Behind
#        --reach records they are refused, as the vendor refuses them
#   GET  /crm/v8/Leads/{id}         200 or 204
#   POST /crm/v8/coql               select ... from Leads where id > N order by id
#        asc limit N                200 or 204
#   PUT  /crm/v8/Leads[/{id}]       200
#   GET, PUT of any other module    one record for each id, whose writes are noted
#
#   many-crm.pl [--port N] [--port-file F] [--records N] [--seed N] [--wrong N]
#        [--tokens 0] [--reach N]
#
# A lead has Rating (Hot or Cold), Email (a@b or null), Score and Minus. Score is
# right, as ten for Hot and five less without Email, but one too high in one of
# --wrong. For tests:
#   GET  /__told          {"pages","queries","writes","twice","left","spoilt","others"}:
#        left: leads whose score is not right; spoilt: those written though it
#        was; others: [[Sent, time of arrival]] of writes to other modules
#   POST /__delete?n=N    the first N leads are gone
#   POST /__expire        tokens that were given are not known any more: 400

use strict;
use warnings;

use File::Basename qw(dirname);
use Getopt::Long;
use JSON::PP;
use POSIX qw(strftime);
use Time::HiRes qw(time);

use lib dirname(__FILE__) . '/../lib';
use Test::CRM::Httpd;

my $base = 4150868000000000000;
my %o = (port => 0, records => 1000, seed => 1, wrong => 3, tokens => 1, reach => 100_000);

GetOptions(\%o, 'port=i', 'port-file=s', 'records=i', 'seed=i', 'wrong=i', 'tokens=i', 'reach=i') or exit 64;

my $json = JSON::PP->new->canonical;
my ($pages, $queries, $writes, $gone, $era) = (0, 0, 0, 0, 0);
my (%fields, %written, @others);

serve(listen => $o{port}, handler => \&handle, ready => sub {
    my ($p) = @_;

    return print "listening on 127.0.0.1:$p\n" unless $o{'port-file'};

    open my $fh, '>', "$o{'port-file'}.new" or die "$o{'port-file'}: $!\n";
    print $fh "$p\n";
    close $fh;
    rename "$o{'port-file'}.new", $o{'port-file'};
});


sub handle {
    my ($req) = @_;

    if ($req->{path} =~ m{^/__(\w+)$}) {
        return admin($1, $req);
    }

    return query($req) if $req->{method} eq 'POST' && $req->{path} eq '/crm/v8/coql';

    my ($module, $id) = $req->{path} =~ m{^/crm/v8/(\w+)(?:/(\d+))?$} or return { status => 404 };

    if ($req->{method} eq 'GET') {
        return $module ne 'Leads' ? data(qq({"id":"$id","Modified_Time":") . at(0) . '"}')
             : defined $id ? lead($id - $base) : page($req->{query});
    }

    return $req->{method} eq 'PUT' ? update($module, $id, $req) : { status => 405 };
}


sub admin {
    my ($what, $req) = @_;

    if ($what eq 'delete') {
        $gone = $req->{query}{n};
    } elsif ($what eq 'expire') {
        $era++;
    } elsif ($what eq 'told') {
        return { body => told() };
    } else {
        return { status => 404 };
    }

    return { body => "ok\n" };
}


sub told {
    my @left = grep { my $f = $fields{$_}; ($f ? $f->{Score} : score($_)) != right($_) }
               $gone + 1 .. $o{records};

    return $json->encode({
        pages => $pages, queries => $queries, writes => $writes, others => \@others, left => scalar @left,
        twice => scalar(grep { $_ > 1 } values %written),
        spoilt => scalar(grep { score($_) == right($_) } keys %written),
    });
}


# --- what a lead holds ---------------------------------------------------------------

sub mix   { return ($_[0] * 2654435761 + $o{seed} * 40503) >> 9 & 0xffffff }
sub hot   { return mix($_[0]) & 1 }
sub email { return mix($_[0]) & 2 }
sub right { return (hot($_[0]) ? 10 : 0) - (email($_[0]) ? 0 : 5) }
sub score { return right($_[0]) + ((mix($_[0]) >> 2) % $o{wrong} == 0 ? 1 : 0) }
sub at    { return strftime('%Y-%m-%dT%H:%M:%S+00:00', gmtime($_[0] || 1_790_000_000)) }

sub text {
    my ($i) = @_;

    my $f = $fields{$i} || {};
    my $minus = defined $f->{Minus} ? $f->{Minus} : email($i) ? 0 : -5;

    return '{"id":"' . ($base + $i) . '","Rating":"' . (hot($i) ? 'Hot' : 'Cold') . '","Email":'
        . (email($i) ? '"a@b"' : 'null') . ',"Score":' . (defined $f->{Score} ? $f->{Score} : score($i))
        . qq(,"Minus":$minus,"Modified_Time":") . at($f->{at}) . '"}';
}


# --- answers -------------------------------------------------------------------------

sub data {
    return { status => 200, headers => ['Content-Type' => 'application/json'],
             body => '{"data":[' . join(',', @_) . ']}' };
}


sub lead {
    my ($i) = @_;

    return $i > $gone && $i <= $o{records} ? data(text($i)) : { status => 204 };
}


sub page {
    my ($q) = @_;

    my $n = $q->{per_page} || 200;
    my $from = $gone + 1 + (($q->{page} || 1) - 1) * $n;

    if (defined $q->{page_token}) {
        my ($of, $after) = $q->{page_token} =~ /^e(\d+)-(\d+)$/;

        return fault('EXPIRED_VALUE') unless defined $of && $of == $era;
        return fault('PAGINATION_LIMIT_EXCEEDED') if $after >= $o{reach};

        $from = behind($after);
    }

    return records($from, $n, $o{tokens});
}


sub query {
    my ($req) = @_;

    my ($after, $n) = $json->decode($req->{body})->{select_query}
        =~ /^select [\w,]+ from Leads where id > (\d+) order by id asc limit (\d+)$/
        or return fault('INVALID_QUERY');

    $queries++;

    return records(behind($after - $base), $n, 0);
}


sub behind { return $_[0] > $gone ? $_[0] + 1 : $gone + 1 }


sub records {
    my ($from, $n, $tokens) = @_;

    $pages++;

    my $last = $from + $n - 1 < $o{records} ? $from + $n - 1 : $o{records};

    return { status => 204 } if $from > $last;

    my $more = $last < $o{records} ? 'true' : 'false';
    my $answer = data(map { text($_) } $from .. $last);
    my $token = $more eq 'true' && $tokens ? qq(,"next_page_token":"e$era-$last") : '';

    $answer->{body} =~ s/\}\z/,"info":{"more_records":$more$token}}/;

    return $answer;
}


sub fault {
    return { status => 400, headers => ['Content-Type' => 'application/json'],
             body => qq({"code":"$_[0]","details":{},"message":"no","status":"error"}) };
}


sub update {
    my ($module, $id, $req) = @_;

    my $doc = $json->decode($req->{body})->{data}[0];

    $id = $doc->{id} unless defined $id;

    if ($module eq 'Leads') {
        my $i = $id - $base;

        $fields{$i} = { %{ $fields{$i} || {} }, %$doc, at => int time };
        $written{$i}++;
        $writes++;
    } else {
        push @others, [ $doc->{Sent} + 0, $req->{at} ];
    }

    return data(qq({"code":"SUCCESS","status":"success","message":"record updated","details":{"id":"$id",)
                . '"Modified_Time":"' . at(time) . '"}}');
}
