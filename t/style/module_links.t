# What the module is linked with: nothing that allocates without checking or
# that knows calendars. Zone tables come with the rules; were they made inside
# nginx, each process could have another day.

use strict;
use warnings;

use Test::More;

my $module = 'build/ngx_http_crm_automation_module.so';

plan skip_all => "$module is not built" unless -e $module;

my $needs = `ldd $module 2>/dev/null` || '';

plan skip_all => 'there is no ldd' if $needs eq '';

unlike($needs, qr/lib$_\b/, "the module needs no lib$_")
    for qw(ical icuuc icudata stdc\+\+ curl fyaml uv);

for my $file (sort glob 'src/core/*/*.[ch] ngx_crm_automation/*.[ch]') {
    open my $fh, '<', $file or die "$file: $!\n";
    local $/;

    unlike(<$fh>, qr/\b(?:tzset|localtime\w*|mktime|strptime)\s*\(/,
           "$file asks no zone of the machine");
}

done_testing();
