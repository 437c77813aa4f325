/*
 * An export of Zoho CRM: which lists it may hold, and who reads them.
 */

#include "crm_cli_import.h"

#include <string.h>


#define ZOHO_RULES  "workflow_rules"

typedef struct {
    const char   *list;             /* also the type of actions */
    const char   *kind;
    void        (*read)(crm_cli_import_item_t *item);
} list_row_t;


static void list_read(crm_cli_import_t *im, json_t *list,
    const list_row_t *row);


/* Rules last. */
static const list_row_t  rows[] = {
    { "field_updates", "field_update", crm_cli_import_field_update },
    { "webhooks", "webhook", crm_cli_import_webhook },
    { "email_notifications", "email_notification", crm_cli_import_email },
    { "tasks", "task", crm_cli_import_task },
    { ZOHO_RULES, "workflow_rule", crm_cli_import_rule },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))


int
crm_cli_import_zoho_actions(crm_cli_import_t *im, json_t *source)
{
    size_t   i, found;
    json_t  *list;

    found = json_is_array(json_object_get(source, ZOHO_RULES));

    for (i = 0; i < ROWS; i++) {
        list = json_object_get(source, rows[i].list);

        if (json_is_array(list) && strcmp(rows[i].list, ZOHO_RULES) != 0) {
            list_read(im, list, &rows[i]);
            (void) crm_cli_import_take(im, source, rows[i].list);
            found++;
        }
    }

    return found ? 0 : -1;
}


void
crm_cli_import_zoho_rules(crm_cli_import_t *im, json_t *source,
    const char *file)
{
    json_t      *value;
    const char  *key;

    list_read(im, json_object_get(source, ZOHO_RULES), &rows[ROWS - 1]);

    (void) crm_cli_import_take(im, source, ZOHO_RULES);
    (void) crm_cli_import_take(im, source, "info");

    json_object_foreach(source, key, value) {
        crm_cli_import_append(im, im->unknown,
                              json_string(crm_cli_import_at(im, "%s: %s",
                                                            file, key)));
    }
}


static void
list_read(crm_cli_import_t *im, json_t *list, const list_row_t *row)
{
    size_t                  i;
    json_t                 *source;
    crm_cli_import_item_t   item;

    json_array_foreach(list, i, source) {
        crm_cli_import_item(&item, im, row->kind, source,
                            crm_cli_import_at(im, "%s[%zu]", row->list, i));

        if (!item.refused) {
            row->read(&item);
        }

        if (item.id && !item.refused) {
            crm_cli_import_put(im, im->names,
                               crm_cli_import_at(im, "%s %s", row->list,
                                                 item.id),
                               json_string(item.name));
        }

        crm_cli_import_item_end(&item);
    }
}
