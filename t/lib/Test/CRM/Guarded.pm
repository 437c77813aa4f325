package Test::CRM::Guarded;

# A guarded location that is right, for a block to spoil; behind no server.
#
#   --- http_config eval: $::Http
#   --- config eval: main::guarded(org => undef, more => 'crm_bulk all;',
#                               pass => 'scgi_pass crm_backend')

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(guarded $Http);

our $Http = <<'EOT';
crm_redis unix:/nowhere/redis.sock;
upstream crm_backend { server 127.0.0.1:9; }
EOT

sub guarded {
    my (%o) = @_;

    my %d = (automation => 'on', org => 'acme', dialect => 'zoho',
             record_location => '/_crm_record', %o);
    my $place = delete $d{place} || '/crm/';
    my $more = delete $d{more} || '';
    my $pass = delete $d{pass} || 'proxy_pass http://crm_backend';

    return "location $place {\n"
        . join('', map { defined $d{$_} ? "    crm_$_ $d{$_};\n" : '' } sort keys %d)
        . "    $more\n    $pass;\n}\n";
}

1;
