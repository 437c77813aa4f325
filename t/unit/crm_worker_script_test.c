/*
 * Scripts behind the wall: what the libraries of the language ask of the
 * kernel is on its list. Were it not, a script would be ended for a function
 * that it may use.
 */

#include "crm_test.h"

#include "crm_deluge.h"
#include "crm_worker_wall.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>


static const struct {
    const char  *what;
    const char  *source;
    const char  *result;        /* or the error */
    int          fails;
} cases[] = {
    { "regular expressions",
      "return \"a1b22\".replaceAll(\"([0-9]+)\", \"<$1>\");", "a<1>b<22>", 0 },
    { "one without an end",
      "return \"a\".repeat(40).matches(\"(a+)+b\");",
      "more than 200000 statements were executed", 1 },
    { "one that needs much memory",
      "return \"a\".repeat(300000).matches(\"(a|b)*c\");",
      "the regular expression needs too much memory", 1 },
    { "digests",
      "return zoho.encryption.md5(\"abc\")"
      " + zoho.encryption.sha1(\"abc\").length()"
      " + zoho.encryption.sha512(\"abc\").length()"
      " + zoho.encryption.hmacsha256(\"k\", \"abc\").length();",
      "900150983cd24fb0d6963f7d28e17f724012844", 0 },
    { "XML",
      "return \"<r><a k='1'>x</a></r>\".executeXPath(\"//a[@k='1']/text()\");",
      "x", 0 },
    { "roots and angles", "return 16.sqrt() + 0.sin() + 2.power(0.5) > 5;",
      "true", 0 },
    { "cases of letters", "return \"\xc3\xa4\".toUpperCase();", "\xc3\x84", 0 },
    { "dates far away", "return '2026-03-27'.addYear(4000000).year() > 0;",
      "true", 0 },
    { "memory without an end",
      "l = List(); s = \"x\".repeat(1000000);"
      " for each i in \",\".repeat(99).toList() { l.add(i + s); }",
      "the values of the script need too much memory", 1 },
};


/* Ends the process: 0 if all was as it should be. */
static void
run_script(size_t i)
{
    crm_buf_t             buf;
    crm_pool_t           *pool;
    crm_error_t           why;
    crm_status_t          rc;
    crm_deluge_map_t     *arguments;
    crm_deluge_host_t     host;
    crm_deluge_error_t    err;
    crm_deluge_limits_t   limits;
    crm_deluge_result_t   result;
    crm_deluge_script_t   script;

    if (crm_worker_wall(&why) != CRM_OK) {
        _exit(1);
    }

    memset(&host, 0, sizeof(host));
    memset(&err, 0, sizeof(err));
    crm_deluge_limits_init(&limits);

    pool = crm_pool_create(crm_host_malloc(), CRM_DELUGE_MEMORY);
    arguments = pool ? crm_deluge_map(pool) : NULL;

    if (arguments == NULL
        || crm_deluge_parse(&script, crm_strz(cases[i].source), pool, &err)
           != CRM_OK)
    {
        _exit(2);
    }

    rc = crm_deluge_run(&result, &script, arguments, &host, &limits, pool,
                        &err);

    if (cases[i].fails) {
        _exit(rc != CRM_OK && strcmp(err.text, cases[i].result) == 0 ? 0 : 3);
    }

    crm_buf_init(&buf, pool, 0);
    crm_deluge_write(&buf, &result.value, NULL);

    _exit(rc == CRM_OK && crm_buf_status(&buf) == CRM_OK
          && crm_str_is(crm_buf_view(&buf), cases[i].result) ? 0 : 4);
}


static void
test_functions_of_the_language_pass_the_wall(void **state)
{
    int     status;
    pid_t   pid;
    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pid = fork();
        assert_true(pid >= 0);

        if (pid == 0) {
            run_script(i);
        }

        assert_int_equal(waitpid(pid, &status, 0), pid);

        if (status != 0) {
            fail_msg("%s: status %x", cases[i].what, (unsigned) status);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_functions_of_the_language_pass_the_wall),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
