package whatsapp

import "github.com/perene/perene/models"

const (
	kilobyte = 1 << 10
	megabyte = 1 << 20
)

// capabilities are the limits Meta states for the Cloud API.
var capabilities = models.Capabilities{
	Provider: models.ChannelWhatsAppCloud,
	Kinds: []models.ContentKind{
		models.ContentKindText, models.ContentKindImage, models.ContentKindVideo, models.ContentKindAudio,
		models.ContentKindVoice, models.ContentKindDocument, models.ContentKindSticker, models.ContentKindLocation,
		models.ContentKindContacts, models.ContentKindButtons, models.ContentKindList, models.ContentKindCTAURL,
		models.ContentKindLocationRequest, models.ContentKindContactRequest, models.ContentKindTemplate,
		models.ContentKindReaction, models.ContentKindForm, models.ContentKindCarousel, models.ContentKindProduct,
		models.ContentKindProductList, models.ContentKindCatalog, models.ContentKindCallPermissionRequest,
	},
	Media: map[models.ContentKind]models.MediaLimit{
		models.ContentKindImage: {MimeTypes: []string{"image/jpeg", "image/png"}, MaxBytes: 5 * megabyte, Caption: true},
		models.ContentKindVideo: {MimeTypes: []string{"video/mp4", "video/3gpp"}, MaxBytes: 16 * megabyte, Caption: true},
		models.ContentKindAudio: {MimeTypes: []string{"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, MaxBytes: 16 * megabyte},
		models.ContentKindVoice: {MimeTypes: []string{"audio/ogg"}, MaxBytes: 16 * megabyte},
		models.ContentKindDocument: {MimeTypes: []string{
			"application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
			"application/vnd.openxmlformats-officedocument.presentationml.presentation",
		}, MaxBytes: 100 * megabyte, Caption: true},
		models.ContentKindSticker: {MimeTypes: []string{"image/webp"}, MaxBytes: 100 * kilobyte, AnimatedMaxBytes: 500 * kilobyte},
	},
	TextMax: 4096, CaptionMax: 1024, BodyMax: 1024, HeaderMax: 60, FooterMax: 60,
	BodyMaxOf: map[models.ContentKind]int{models.ContentKindList: 4096},
	HeaderKinds: map[models.ContentKind][]models.ContentKind{
		models.ContentKindButtons:     {models.ContentKindText, models.ContentKindImage, models.ContentKindVideo, models.ContentKindDocument},
		models.ContentKindCTAURL:      {models.ContentKindText, models.ContentKindImage, models.ContentKindVideo, models.ContentKindDocument},
		models.ContentKindForm:        {models.ContentKindText, models.ContentKindImage, models.ContentKindVideo, models.ContentKindDocument},
		models.ContentKindList:        {models.ContentKindText},
		models.ContentKindProductList: {models.ContentKindText},
		models.ContentKindCarousel:    {models.ContentKindImage, models.ContentKindVideo},
	},
	Buttons:  models.ButtonLimit{Max: 3, TitleMax: 20, IDMax: 256},
	List:     models.ListLimit{ButtonMax: 20, SectionsMax: 10, SectionTitleMax: 24, RowsMax: 10, RowIDMax: 200, RowTitleMax: 24, RowTextMax: 72},
	CTATitle: 20, URLMax: 2000, FormTitle: 30,
	Carousel:    models.CarouselLimit{Min: 2, Max: 10, BodyMax: 160, LineBreaksMax: 2},
	Products:    models.ProductLimit{SectionsMax: 10, ItemsMax: 30},
	ContactsMax: 257,
	Templates:   models.TemplateLimit{NameMax: 512, BodyMax: 1024, ReplyIDMax: 256, CopyCodeMax: 15, CardsMax: 10},

	WindowSeconds: 24 * 3600,
	Replies:       true, Reactions: true, Typing: true, ReadReceipts: true, Groups: true, MediaLinks: true,
	CallbackDataMax: 512,
	Pace:            models.Pace{PerSecond: 80, CoexistencePerSecond: 20, MaxPerSecond: 1000, PairIntervalMS: 6000, PairBurst: 45},
}
