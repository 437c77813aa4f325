/*
 * doctor: do nginx and the rules mean the same by a dialect that is a file?
 * Workers write and read back as the rules say, nginx judges as its own file
 * says.
 */

#include "crm_cli_doctor.h"


static void dialect_compare(crm_cli_doctor_t *d, const crm_cli_process_t *p,
    const crm_ruleset_t *rules, size_t *same, size_t *other);


void
crm_cli_doctor_dialects(crm_cli_doctor_t *d, const crm_ruleset_t *rules)
{
    size_t               i, same, other;
    crm_error_t          err;
    crm_cli_processes_t  processes;

    if (crm_cli_live_processes(&processes, d->store, d->cli->opts.org,
                               d->cli->pool, &err) != CRM_OK)
    {
        return;                     /* the check of processes tells */
    }

    same = 0;
    other = 0;

    for (i = 0; i < processes.count; i++) {
        dialect_compare(d, &processes.items[i], rules, &same, &other);
    }

    if (same && other == 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "dialects", NULL,
                "nginx' files say what the rules say");
    }
}


static void
dialect_compare(crm_cli_doctor_t *d, const crm_cli_process_t *p,
    const crm_ruleset_t *rules, size_t *same, size_t *other)
{
    char                  sum[32];
    size_t                i;
    json_t               *list, *item;
    const char           *name, *theirs;
    const crm_dialect_t  *dialect;

    list = json_loads(p->dialects, 0, NULL);

    json_array_foreach(list, i, item) {
        name = json_string_value(json_array_get(item, 0));
        theirs = json_string_value(json_array_get(item, 1));
        dialect = name ? crm_ruleset_dialect(rules, crm_strz(name)) : NULL;

        if (dialect == NULL || theirs == NULL
            || crm_dialect_sum(dialect) == 0)
        {
            continue;               /* nginx alone has it */
        }

        snprintf(sum, sizeof(sum), "%016llx", crm_dialect_sum(dialect));

        if (strcmp(sum, theirs) == 0) {
            (*same)++;
            continue;
        }

        (*other)++;

        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "dialects",
                "apply the rules with the file that nginx has, or give nginx "
                "theirs and reload it",
                "%s:%lld judges by another file of the dialect %s than the "
                "rules hold", p->host, p->pid, name);
    }

    json_decref(list);
}
