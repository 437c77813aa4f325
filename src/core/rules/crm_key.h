/*
 * The keys of documents: one row each, for every kind of the rule language.
 *
 * Checking a document (crm_shape.h), crmctl schema and the reference are all
 * made of these rows, so that each says in a few words what its key is for.
 */

#ifndef CRM_KEY_H
#define CRM_KEY_H


typedef enum {
    CRM_KEY_ANY = 0,
    CRM_KEY_TEXT,           /* a string that is not empty */
    CRM_KEY_STRING,         /* any string */
    CRM_KEY_BOOL,
    CRM_KEY_INTEGER,
    CRM_KEY_OBJECT,
    CRM_KEY_LIST,
    CRM_KEY_TEXTS,          /* a list of strings that are not empty */
    CRM_KEY_WORD            /* one of words */
} crm_key_type_t;

#define CRM_KEY_REQUIRED   1
#define CRM_KEY_NULLABLE   2
#define CRM_KEY_OR_TEXT    4        /* of ANY with forms: text will do too */

typedef struct crm_key_s  crm_key_t;

/*
 * What a nested map may hold. A key whose maps come in several forms has a
 * table of them, ended by a NULL name. A form with types is the one for these
 * values of "type", which stands in the form itself, or, when the form has no
 * such key, beside the key.
 */
typedef struct {
    const char          *name;      /* "leaf": unique among all forms */
    const crm_key_t     *keys;
    const char *const   *types;     /* ended by NULL; NULL: always */
} crm_form_t;

/*
 * Of maps (OBJECT), of members of a LIST, and of maps that ANY takes, forms
 * says what they may hold; checking them is for the kind's compiler, which
 * uses the same tables. A table of rows ends with a NULL name.
 */
struct crm_key_s {
    const char          *name;
    crm_key_type_t       type;
    unsigned             flags;
    long long            min;       /* of an integer, or list members */
    long long            max;       /* 0 with min 0: none; of text its length */
    const char *const   *words;     /* of WORD, ended by NULL; of TEXT, TEXTS
                                       and ANY: what the compiler takes */
    const crm_form_t    *forms;     /* or NULL: any */
    const char          *about;     /* what it is for; one line, no full stop */
};


/* What the tables of all kinds begin with, and every table's end. */
#define CRM_KEYS_HEAD                                                         \
    { "kind", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,               \
      "what this document is" },                                              \
    { "description", CRM_KEY_STRING, CRM_KEY_NULLABLE, 0, 0, NULL, NULL,      \
      "a note for people; nothing reads it" }
#define CRM_KEYS_END  { NULL, CRM_KEY_ANY, 0, 0, 0, NULL, NULL, NULL }
#define CRM_FORMS_END { NULL, NULL, NULL }

#endif
