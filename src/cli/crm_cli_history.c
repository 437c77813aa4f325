/*
 * The command history: the revisions of an organisation, the newest first.
 */

#include "crm_cli_live.h"
#include "crm_cli_print.h"
#include "base/crm_time.h"

#include <stdio.h>


#define HISTORY_COLUMNS  6


static crm_status_t history_table(const crm_cli_notes_t *notes,
    long long current, crm_pool_t *pool);
static void history_row(crm_cli_table_t *table, const crm_cli_note_t *note,
    long long current);
static void number_text(char *text, size_t size, const char *before,
    long long n);
static json_t *history_json(const crm_cli_notes_t *notes, const char *org,
    long long current);
static json_t *note_json(const crm_cli_note_t *note, long long current);
static json_t *number_json(long long n);


crm_cli_exit_t
crm_cli_history(crm_cli_t *cli)
{
    int               rc;
    json_t           *value;
    crm_error_t       err;
    crm_store_t      *store;
    crm_status_t      status;
    crm_cli_live_t    live;
    crm_cli_notes_t   notes;

    store = crm_cli_live_open(cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    status = crm_cli_live_look(&live, store, cli->opts.org, cli->pool, &err);

    if (status == CRM_OK) {
        status = crm_cli_revision_notes(&notes, store, cli->opts.org,
                                        cli->pool, &err);
    }

    if (status != CRM_OK) {
        return crm_cli_live_failed(status, &err);
    }

    if (live.revision == 0 && notes.count == 0) {
        return crm_cli_live_none(store, cli);
    }

    if (!cli->opts.json) {
        return history_table(&notes, live.revision, cli->pool) == CRM_OK
               ? CRM_CLI_OK : crm_cli_no_memory();
    }

    value = history_json(&notes, cli->opts.org, live.revision);
    rc = value ? crm_cli_print_json(value, stdout) : -1;
    json_decref(value);

    return rc == 0 ? CRM_CLI_OK : crm_cli_no_memory();
}


static crm_status_t
history_table(const crm_cli_notes_t *notes, long long current,
    crm_pool_t *pool)
{
    size_t           i;
    crm_cli_table_t  table;

    crm_cli_table_init(&table, pool, HISTORY_COLUMNS);
    crm_cli_table_row(&table, "REVISION", "APPLIED", "AUTHOR", "OBJECTS",
                      "CHANGES", "MESSAGE");

    for (i = 0; i < notes->count; i++) {
        history_row(&table, &notes->items[i], current);
    }

    if (table.status == CRM_OK) {
        crm_cli_table_print(&table, stdout);
    }

    return table.status;
}


static void
history_row(crm_cli_table_t *table, const crm_cli_note_t *note,
    long long current)
{
    char  revision[48], at[CRM_TIME_ISO_LEN + 1], objects[32], added[32],
          changed[32], removed[32], changes[128];

    (void) snprintf(revision, sizeof(revision), "%lld%s", note->number,
                    note->number == current ? " (live)" : "");
    number_text(objects, sizeof(objects), "", note->objects);
    number_text(added, sizeof(added), "+", note->added);
    number_text(changed, sizeof(changed), "~", note->changed);
    number_text(removed, sizeof(removed), "-", note->removed);
    (void) snprintf(changes, sizeof(changes), "%s %s %s", added, changed,
                    removed);

    if (note->at_ms >= 0) {
        crm_time_iso(at, note->at_ms);

        /* Milliseconds say nothing to people. */
        memcpy(at + sizeof("2026-11-22T00:08:11") - 1, "Z", 2);
    } else {
        memcpy(at, "?", 2);
    }

    crm_cli_table_row(table, revision, at,
                      note->author[0] ? note->author : "?", objects, changes,
                      note->message);
}


static void
number_text(char *text, size_t size, const char *before, long long n)
{
    if (n < 0) {
        (void) snprintf(text, size, "%s?", before);

    } else {
        (void) snprintf(text, size, "%s%lld", before, n);
    }
}


static json_t *
history_json(const crm_cli_notes_t *notes, const char *org, long long current)
{
    size_t   i;
    json_t  *list;

    list = json_array();

    for (i = 0; list && i < notes->count; i++) {
        if (json_array_append_new(list, note_json(&notes->items[i], current)))
        {
            json_decref(list);
            list = NULL;
        }
    }

    return list ? json_pack("{s:s, s:I, s:o}", "org", org,
                            "current", (json_int_t) current,
                            "revisions", list)
                : NULL;
}


static json_t *
note_json(const crm_cli_note_t *note, long long current)
{
    return json_pack("{s:I, s:b, s:o, s:s, s:s?, s:s, s:s?, s:o, s:o,"
                     " s:o, s:o, s:o, s:s}",
                     "revision", (json_int_t) note->number,
                     "current", note->number == current,
                     "at", number_json(note->at_ms),
                     "author", note->author,
                     "access", note->access[0] ? note->access : NULL,
                     "message", note->message,
                     "managed_by", note->managed_by[0] ? note->managed_by
                                                       : NULL,
                     "rollback_to", number_json(note->rollback_to),
                     "objects", number_json(note->objects),
                     "added", number_json(note->added),
                     "changed", number_json(note->changed),
                     "removed", number_json(note->removed),
                     "sha256", note->sha256);
}


static json_t *
number_json(long long n)
{
    return n < 0 ? json_null() : json_integer(n);
}
