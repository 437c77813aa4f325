/*
 * The command diff: what leads from one revision to another.
 */

#include "crm_cli_live.h"
#include "crm_cli_show.h"
#include "crm_cli_zone.h"


typedef struct {
    crm_cli_t           *cli;
    crm_store_t         *store;
    long long            from;
    long long            to;        /* 0: the live one */
    crm_cli_revision_t   before;
    crm_cli_revision_t   after;
    crm_cli_merge_t      merge;
    int                  changed;
} diff_t;


static int diff_parse(diff_t *d, const char *text);
static crm_cli_exit_t diff_read(diff_t *d);
static crm_status_t diff_text(diff_t *d);
static crm_status_t diff_json(diff_t *d);
static crm_cli_show_t diff_show(diff_t *d);


crm_cli_exit_t
crm_cli_diff(crm_cli_t *cli)
{
    diff_t          d;
    crm_status_t    rc;
    crm_cli_exit_t  done;

    memset(&d, 0, sizeof(diff_t));
    d.cli = cli;

    if (diff_parse(&d, cli->opts.args[1]) != 0) {
        crm_cli_complain("\"%s\" names no revisions: write crmctl diff 7..9, "
                         "or crmctl diff 7 to compare with the live rules",
                         cli->opts.args[1]);
        return CRM_CLI_USAGE;
    }

    done = diff_read(&d);
    if (done != CRM_CLI_OK) {
        return done;
    }

    rc = crm_cli_bundle_compare(&d.merge, d.before.bundle, d.after.bundle,
                                cli->pool);

    if (rc == CRM_OK) {
        crm_cli_bundle_sort(&d.merge);
        d.changed = crm_cli_bundle_changes(&d.merge)
                    || crm_cli_zone_differs(d.before.bundle, d.after.bundle);

        rc = cli->opts.json ? diff_json(&d) : diff_text(&d);
    }

    if (rc != CRM_OK) {
        return crm_cli_no_memory();
    }

    return d.changed && cli->opts.detailed_exitcode ? CRM_CLI_DIFFERENT
                                                    : CRM_CLI_OK;
}


/* "7..9", "7..", "7": the last two go up to what is live. */

static int
diff_parse(diff_t *d, const char *text)
{
    crm_str_t    from, to;
    const char  *dots;

    dots = strstr(text, "..");

    if (dots == NULL) {
        return crm_cli_revision_parse(&d->from, crm_strz(text));
    }

    from = crm_str(text, (size_t) (dots - text));
    to = crm_strz(dots + 2);

    if (crm_cli_revision_parse(&d->from, from) != 0) {
        return -1;
    }

    return to.len == 0 ? 0 : crm_cli_revision_parse(&d->to, to);
}


static crm_cli_exit_t
diff_read(diff_t *d)
{
    crm_error_t      err;
    crm_status_t     rc;
    crm_cli_live_t   live;
    crm_cli_exit_t   done;

    d->store = crm_cli_live_open(d->cli);
    if (d->store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = crm_cli_live_look(&live, d->store, d->cli->opts.org, d->cli->pool,
                           &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (live.revision == 0) {
        return crm_cli_live_none(d->store, d->cli);
    }

    if (d->to == 0) {
        d->to = live.revision;
    }

    done = crm_cli_live_revision(&d->before, d->from, &live, d->store, d->cli);

    if (done == CRM_CLI_OK) {
        done = crm_cli_live_revision(&d->after, d->to, &live, d->store,
                                     d->cli);
    }

    if (done == CRM_CLI_OK) {
        crm_cli_live_check(d->from, d->before.sha256, d->store, d->cli);
        crm_cli_live_check(d->to, d->after.sha256, d->store, d->cli);
    }

    return done;
}


static crm_status_t
diff_text(diff_t *d)
{
    crm_status_t    rc;
    crm_cli_show_t  show;

    if (!d->changed) {
        printf("no difference between revisions %lld and %lld\n", d->from,
               d->to);
        return CRM_OK;
    }

    show = diff_show(d);

    rc = crm_cli_show_text(&show, d->cli->pool, stdout);
    if (rc != CRM_OK) {
        return rc;
    }

    printf("revision %lld to %lld: ", d->from, d->to);
    crm_cli_show_counts(&d->merge, stdout);
    putchar('\n');

    return CRM_OK;
}


static crm_status_t
diff_json(diff_t *d)
{
    json_t          *value;
    crm_status_t     rc;
    crm_cli_show_t   show;

    show = diff_show(d);

    value = json_pack("{s:s, s:I, s:I}", "org", d->cli->opts.org,
                      "from", (json_int_t) d->from,
                      "to", (json_int_t) d->to);

    rc = value ? crm_cli_show_json(value, &show, d->cli->pool) : CRM_ENOMEM;

    if (rc == CRM_OK && crm_cli_print_json(value, stdout) != 0) {
        rc = CRM_ENOMEM;
    }

    json_decref(value);

    return rc;
}


static crm_cli_show_t
diff_show(diff_t *d)
{
    crm_cli_show_t  show;

    show.merge = &d->merge;
    show.before = d->before.bundle;
    show.after = d->after.bundle;

    return show;
}
