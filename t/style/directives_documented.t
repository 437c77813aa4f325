# docs/directives.md and the command table name the same directives, and the
# page has each variable that the module defines.

use strict;
use warnings;

use Test::More;

my $glue = join '', map { slurp($_) } glob 'ngx_crm_automation/ngx_http_crm_*.c';
my $page = slurp('docs/directives.md');

if ($glue eq '') {
    plan skip_all => 'ngx_crm_automation/ holds no source';
}

my ($table) = $glue =~ /ngx_command_t\s+ngx_http_crm_\w*commands\[\]\s*=\s*\{(.*?)\n\};/s;

ok(defined $table, 'the command table is found');

my %code = map { $_ => 1 } ($table || '') =~ /ngx_string\("(crm_\w+)"\)/g;
my %docs = map { $_ => 1 } $page =~ /^### (crm_\w+)/mg;

is_deeply([ grep { !$docs{$_} } sort keys %code ], [],
          'every directive has its "### name" in docs/directives.md');
is_deeply([ grep { !$code{$_} } sort keys %docs ], [],
          'docs/directives.md names no directive that is not there');

for my $name (sort keys %docs) {
    my ($text) = $page =~ /^### \Q$name\E\n(.*?)(?=^#{1,3} |\z)/ms;

    for my $key (qw(Syntax Default Context)) {
        like($text, qr/^$key:\s+\S/m, "$name says its $key");
    }
}

my ($vars) = $glue =~ /ngx_http_variable_t\s+ngx_http_crm_\w+\[\]\s*=\s*\{(.*?)\n\};/s;

for my $v (defined $vars ? $vars =~ /ngx_string\("(crm_\w+)"\)/g : ()) {
    like($page, qr/\$\Q$v\E\b/, "\$$v is in docs/directives.md");
}

done_testing();


sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or return '';
    local $/;

    return scalar <$fh>;
}
