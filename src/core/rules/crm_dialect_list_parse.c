/*
 * Dialect files: how all records of a module are read, page by page.
 */

#include "rules/crm_dialect_parts.h"


#define LIST_PLACES  (CRM_FILL_BIT(CRM_FILL_MODULE)                           \
                      | CRM_FILL_BIT(CRM_FILL_FIELDS))
#define LIST_TURNS   (CRM_FILL_BIT(CRM_FILL_AFTER)                            \
                      | CRM_FILL_BIT(CRM_FILL_OFFSET))

const crm_key_t  crm_dialect_parts_list_keys[] = {
    { "first", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the first page, in order of ids; needed where path has {after}" },
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the page behind the record {after}, or behind {offset} records" },
    { "records", CRM_KEY_STRING, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "a pointer to each record in the answer" },
    CRM_KEYS_END
};


static crm_status_t list_turns(const crm_file_pages_t *list,
    crm_compile_t *cc);


crm_status_t
crm_dialect_parts_list(struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    crm_status_t       rc;
    const json_t      *json;
    crm_file_pages_t  *list;

    json = json_object_get(file, "list");
    list = &d->list;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_list_keys, "list", "list",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_dialect_parts_path(&list->first, &list->first_query,
             json_object_get(json, "first"), "list.first", LIST_PLACES,
             CRM_FILL_BIT(CRM_FILL_MODULE), cc);
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_path(&list->path, &list->query,
                 json_object_get(json, "path"), "list.path",
                 LIST_PLACES | LIST_TURNS, CRM_FILL_BIT(CRM_FILL_MODULE),
                 cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_pointer(&list->records,
                 json_object_get(json, "records"), "list.records", cc));

    return rc == CRM_OK ? list_turns(list, cc) : rc;
}


/* One of both tells where a page begins. Behind no record there is no id. */
static crm_status_t
list_turns(const crm_file_pages_t *list, crm_compile_t *cc)
{
    unsigned  turns;

    turns = (list->path.uses | list->query.uses) & LIST_TURNS;

    if (turns == 0 || turns == LIST_TURNS) {
        return crm_shape_error(cc, "list.path", "missing_place", NULL,
                               "a page begins behind {after}, the id of the"
                               " last record, or behind {offset} records:"
                               " the path has one of both");
    }

    if ((turns == CRM_FILL_BIT(CRM_FILL_AFTER)) != (list->first.count != 0)) {
        return crm_shape_error(cc, list->first.count ? "list.first"
                               : "list.path", "missing_key", NULL,
                               list->first.count
                               ? "the first page is that behind 0 records:"
                                 " leave \"first\" out"
                               : "behind no record there is no {after}: say"
                                 " in \"first\" how the first page is asked"
                                 " for");
    }

    return CRM_OK;
}
