/*
 * How crmctl shows what differs between two bundles.
 */

#include "crm_cli_show.h"
#include "crm_cli_difference.h"
#include "crm_cli_show_value.h"
#include "crm_cli_zone.h"


static crm_status_t entry_text(const crm_cli_entry_t *entry, crm_pool_t *pool,
    FILE *out);
static void entry_name(const crm_cli_entry_t *entry, FILE *out);
static json_t *entry_json(const crm_cli_entry_t *entry, crm_pool_t *pool);
static json_t *differences_json(const crm_cli_entry_t *entry,
    crm_pool_t *pool);
static json_t *difference_json(const crm_cli_difference_t *difference);
static json_t *counts_json(const crm_cli_merge_t *merge);
static int owner_differs(const crm_cli_entry_t *entry);
static size_t unchanged(const crm_cli_merge_t *merge);
static void zone_text(const json_t *bundle, FILE *out);
static json_t *zone_json(const json_t *bundle);


crm_status_t
crm_cli_show_text(const crm_cli_show_t *show, crm_pool_t *pool, FILE *out)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0; i < show->merge->count; i++) {
        rc = entry_text(&show->merge->entries[i], pool, out);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (crm_cli_zone_differs(show->before, show->after)) {
        fputs("~ time zone: ", out);
        zone_text(show->before, out);
        fputs(" -> ", out);
        zone_text(show->after, out);
        putc('\n', out);
    }

    return CRM_OK;
}


static crm_status_t
entry_text(const crm_cli_entry_t *entry, crm_pool_t *pool, FILE *out)
{
    size_t                 i;
    crm_status_t           rc;
    crm_cli_differences_t  found;

    if (entry->change == CRM_CLI_UNCHANGED || entry->change == CRM_CLI_KEPT) {
        return CRM_OK;
    }

    if (entry->change != CRM_CLI_REPLACED) {
        fputs(entry->change == CRM_CLI_ADDED ? "+ " : "- ", out);
        entry_name(entry, out);
        putc('\n', out);
        return CRM_OK;
    }

    fputs("~ ", out);
    entry_name(entry, out);

    if (owner_differs(entry)) {
        fputs(", taken over from \"", out);
        crm_cli_print_text(entry->was_managed_by, out);
        putc('"', out);
    }

    putc('\n', out);

    rc = crm_cli_difference_find(&found, entry->was_object, entry->object,
                                 pool);

    for (i = 0; rc == CRM_OK && i < found.count; i++) {
        rc = crm_cli_show_value(&found.items[i], pool, out);
    }

    return rc;
}


static void
entry_name(const crm_cli_entry_t *entry, FILE *out)
{
    crm_cli_print_text(entry->kind, out);

    if (entry->name[0]) {
        putc(' ', out);
        crm_cli_print_text(entry->name, out);
    }
}


void
crm_cli_show_counts(const crm_cli_merge_t *merge, FILE *out)
{
    fprintf(out, "%zu added, %zu changed, %zu removed, %zu unchanged",
            merge->changes[CRM_CLI_ADDED], merge->changes[CRM_CLI_REPLACED],
            merge->changes[CRM_CLI_REMOVED], unchanged(merge));
}


crm_status_t
crm_cli_show_json(json_t *value, const crm_cli_show_t *show, crm_pool_t *pool)
{
    int      rc, zone;
    size_t   i;
    json_t  *objects;

    zone = crm_cli_zone_differs(show->before, show->after);

    rc = json_object_set_new(value, "changed",
                             json_boolean(zone || crm_cli_bundle_changes(
                                                      show->merge)));
    rc |= json_object_set_new(value, "summary", counts_json(show->merge));
    rc |= json_object_set_new(value, "time_zone", !zone ? json_null()
                              : json_pack("{s:o, s:o}", "old",
                                          zone_json(show->before), "new",
                                          zone_json(show->after)));

    objects = json_array();
    rc |= json_object_set_new(value, "objects", objects);

    for (i = 0; rc == 0 && i < show->merge->count; i++) {
        rc = json_array_append_new(objects,
                                   entry_json(&show->merge->entries[i], pool));
    }

    return rc == 0 ? CRM_OK : CRM_ENOMEM;
}


static json_t *
entry_json(const crm_cli_entry_t *entry, crm_pool_t *pool)
{
    static const char *const  words[CRM_CLI_CHANGES] = {
        "added", "changed", "unchanged", "unchanged", "removed"
    };

    return json_pack("{s:o, s:o, s:s, s:s, s:s?, s:o}",
                     "kind", crm_cli_json_text(entry->kind),
                     "name", crm_cli_json_text(entry->name),
                     "change", words[entry->change],
                     "managed_by", entry->managed_by,
                     "was_managed_by", owner_differs(entry)
                                       ? entry->was_managed_by : NULL,
                     "changes", differences_json(entry, pool));
}


static json_t *
differences_json(const crm_cli_entry_t *entry, crm_pool_t *pool)
{
    size_t                 i;
    json_t                *list;
    crm_cli_differences_t  found;

    list = json_array();

    if (list == NULL || entry->change != CRM_CLI_REPLACED) {
        return list;
    }

    if (crm_cli_difference_find(&found, entry->was_object, entry->object,
                                pool) != CRM_OK)
    {
        json_decref(list);
        return NULL;
    }

    for (i = 0; i < found.count; i++) {
        if (json_array_append_new(list, difference_json(&found.items[i]))) {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


static json_t *
difference_json(const crm_cli_difference_t *difference)
{
    int      rc;
    json_t  *value;

    value = json_pack("{s:o, s:s}", "path",
                      crm_cli_json_text(difference->path), "change",
                      difference->before == NULL ? "added"
                      : difference->after == NULL ? "removed" : "changed");
    rc = value ? 0 : -1;

    if (rc == 0 && difference->before) {
        rc = json_object_set(value, "old", (json_t *) difference->before);
    }

    if (rc == 0 && difference->after) {
        rc = json_object_set(value, "new", (json_t *) difference->after);
    }

    if (rc != 0) {
        json_decref(value);
        return NULL;
    }

    return value;
}


static json_t *
counts_json(const crm_cli_merge_t *merge)
{
    return json_pack("{s:I, s:I, s:I, s:I}",
                     "added", (json_int_t) merge->changes[CRM_CLI_ADDED],
                     "changed", (json_int_t) merge->changes[CRM_CLI_REPLACED],
                     "removed", (json_int_t) merge->changes[CRM_CLI_REMOVED],
                     "unchanged", (json_int_t) unchanged(merge));
}


void
crm_cli_show_losses(const crm_cli_merge_t *merge)
{
    size_t                  i;
    const crm_cli_entry_t  *entry;

    for (i = 0; i < merge->count; i++) {
        entry = &merge->entries[i];

        if (entry->change == CRM_CLI_REMOVED) {
            crm_cli_complain("removes %s%s%s", entry->kind,
                             entry->name[0] ? " " : "", entry->name);

        } else if (owner_differs(entry)) {
            crm_cli_complain("takes over %s%s%s from \"%s\"", entry->kind,
                             entry->name[0] ? " " : "", entry->name,
                             entry->was_managed_by);
        }
    }
}


static int
owner_differs(const crm_cli_entry_t *entry)
{
    return entry->change == CRM_CLI_REPLACED
           && strcmp(entry->managed_by, entry->was_managed_by) != 0;
}


static size_t
unchanged(const crm_cli_merge_t *merge)
{
    return merge->changes[CRM_CLI_UNCHANGED] + merge->changes[CRM_CLI_KEPT];
}


static void
zone_text(const json_t *bundle, FILE *out)
{
    json_t      *zone;
    const char  *name, *tzdata;

    zone = json_object_get(bundle, "time_zone");
    name = json_string_value(json_object_get(zone, "name"));
    tzdata = json_string_value(json_object_get(zone, "tzdata"));

    crm_cli_print_text(name ? name : "none", out);

    if (tzdata) {
        fputs(" (zone data ", out);
        crm_cli_print_text(tzdata, out);
        putc(')', out);
    }
}


static json_t *
zone_json(const json_t *bundle)
{
    json_t  *zone, *name, *tzdata;

    zone = json_object_get(bundle, "time_zone");
    if (zone == NULL) {
        return json_null();
    }

    name = json_object_get(zone, "name");
    tzdata = json_object_get(zone, "tzdata");

    return json_pack("{s:O, s:O}", "name", name ? name : json_null(),
                     "tzdata", tzdata ? tzdata : json_null());
}
