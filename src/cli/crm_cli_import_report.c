/*
 * What became of the rules of another system, for people and for programs.
 */

#include "crm_cli_import.h"
#include "crm_cli_print.h"

#include <string.h>


static void report_section(const crm_cli_import_t *im, const char *result,
    const char *heading, size_t count, FILE *out);
static void report_unknown(const crm_cli_import_t *im, FILE *out);
static void report_ignored(const crm_cli_import_t *im, FILE *out);


void
crm_cli_import_print(const crm_cli_import_t *im, FILE *out)
{
    report_section(im, "imported", "imported", im->counts[CRM_CLI_IMPORTED],
                   out);
    report_section(im, "changed", "imported with change",
                   im->counts[CRM_CLI_IMPORTED_CHANGED], out);
    report_section(im, "not_imported", "not supported",
                   im->counts[CRM_CLI_NOT_IMPORTED], out);
    report_unknown(im, out);
    report_ignored(im, out);
}


static void
report_section(const crm_cli_import_t *im, const char *result,
    const char *heading, size_t count, FILE *out)
{
    size_t       i, k;
    json_t      *entry, *note;
    const char  *path;

    fprintf(out, "%s: %zu\n", heading, count);

    json_array_foreach(im->report, i, entry) {
        if (strcmp(json_string_value(json_object_get(entry, "result")),
                   result) != 0)
        {
            continue;
        }

        fprintf(out, "  %s \"", json_string_value(json_object_get(entry,
                                                                  "kind")));
        crm_cli_print_text(json_string_value(json_object_get(entry, "name")),
                           out);
        fprintf(out, "\" (%s)\n", json_string_value(json_object_get(entry,
                                                                    "path")));

        json_array_foreach(json_object_get(entry, "notes"), k, note) {
            path = json_string_value(json_object_get(note, "path"));

            fprintf(out, "    %s: ", path);
            crm_cli_print_text(json_string_value(json_object_get(note,
                                                                 "text")),
                               out);
            putc('\n', out);
        }
    }
}


static void
report_unknown(const crm_cli_import_t *im, FILE *out)
{
    size_t   i;
    json_t  *path;

    if (json_array_size(im->unknown) == 0) {
        return;
    }

    fprintf(out, "keys that this version does not know, left out: %zu\n",
            json_array_size(im->unknown));

    json_array_foreach(im->unknown, i, path) {
        fputs("  ", out);
        crm_cli_print_text(json_string_value(path), out);
        putc('\n', out);
    }
}


static void
report_ignored(const crm_cli_import_t *im, FILE *out)
{
    json_t      *count;
    const char  *key, *comma;

    if (json_object_size(im->ignored) == 0) {
        return;
    }

    fputs("keys that say nothing here, left out:", out);
    comma = " ";

    json_object_foreach(im->ignored, key, count) {
        fprintf(out, "%s%s (%lld)", comma, key,
                (long long) json_integer_value(count));
        comma = ", ";
    }

    putc('\n', out);
}


json_t *
crm_cli_import_json(const crm_cli_import_t *im)
{
    return json_pack("{s:I, s:I, s:I, s:O, s:O, s:O, s:O}",
                     "imported", (json_int_t) im->counts[CRM_CLI_IMPORTED],
                     "changed",
                     (json_int_t) im->counts[CRM_CLI_IMPORTED_CHANGED],
                     "not_imported",
                     (json_int_t) im->counts[CRM_CLI_NOT_IMPORTED],
                     "objects", im->report, "unknown_keys", im->unknown,
                     "ignored_keys", im->ignored, "documents", im->objects);
}
